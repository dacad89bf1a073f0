/*
 * A job that a slot works on: shared by render.c, which leads it from its
 * source to its bytes, listen.c, which handles the worker's reports meanwhile,
 * and limits.c.
 */
#ifndef TRANSCODE_ENGINE_RENDER_PRIVATE_H
#define TRANSCODE_ENGINE_RENDER_PRIVATE_H

#include "transcode/engine/engine_private.h"

struct render {
	struct slot *slot;
	struct process *process;
	struct job *job;
	struct job_outcome *outcome;
	int source;
	int cover;	    /* -1: none */
	bool answered;	    /* the worker said that it is done */
	bool for_now;	    /* damage or a missing cover may be repaired
			       later */
	bool moved;	    /* the source, which a reader holds open */
	int64_t began;	    /* in seconds, like all that follow */
	int64_t reading;    /* time to read all of the source */
	int64_t waited;	    /* waiting for other workers */
	int64_t last_bytes; /* time of the last bytes */
	int64_t look_next;  /* time of the last check whether it is wanted */
	struct {
		uint64_t alive, bytes, facts, notes, wants, filled;
	} said;		   /* number of reports */
	uint64_t furthest; /* the second that the last blocks were made of */
	uint64_t expected; /* bytes of the segment */
	uint64_t taken;
	struct buffer *loose; /* BLOCK: bytes of one that did not fit into
				 the pool */
};

/* Gives `err`, with a reason for the log. */
int render_fail(struct render *r, int err, const char *reason);

/* Gives -EIO: the worker is lost, by -ETIMEDOUT, -EPROTO or its death. */
int render_lose(struct render *r, int err);

const struct file_id *render_source_id(const struct job *job);
const char *render_source_path(const struct job *job);

/*
 * 0, or -ESTALE: the source is no longer the version that was planned for. One
 * that a reader holds open may have been renamed, which moves its ctime.
 */
int render_check_version(struct render *r);

/* Listens to the worker until it is done, and takes what it made. */
int render_listen(struct render *r);

/* limits.c: sets the heap limit before the worker gets the task. */
void limits_heap(const struct render *r);

/* The worker has the task from now on. */
void limits_begin(struct render *r);

/* How long it waited for a block that somebody else made. */
void limits_waited(struct render *r, int64_t seconds);

/* 0, or -EIO: it is stuck, takes too long, or says too much. */
int limits_check_time(struct render *r);
int limits_check_report(struct render *r, const struct report *report);

/* The same: it announced more than there was. */
int limits_check_bytes(struct render *r);

#endif
