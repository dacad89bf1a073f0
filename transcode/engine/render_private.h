/*
 * A job in the hands of a slot: shared by render.c, which leads it from its
 * source to its bytes, listen.c, which hears what the worker says meanwhile,
 * and limits.c, which bounds that.
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
	bool answered;	    /* the worker said that it is through */
	bool for_now;	    /* damage or a missing cover may be mended */
	bool moved;	    /* the source, which a reader holds open */
	int64_t began;	    /* in seconds, like all that follow */
	int64_t reading;    /* what reading all of the source may take */
	int64_t waited;	    /* for others */
	int64_t last_bytes; /* when there were some */
	int64_t look_next;  /* for whether it is wanted */
	struct {
		uint64_t alive, bytes, facts, notes, wants, filled;
	} said;		   /* so many reports */
	uint64_t furthest; /* second that blocks were made of */
	uint64_t expected; /* bytes of the segment */
	uint64_t taken;
	struct buffer *loose; /* BLOCK: bytes of one that found no room */
};

/* Gives `err`, with a reason for the log. */
int render_fail(struct render *r, int err, const char *reason);

/* Gives -EIO: the worker is lost, of -ETIMEDOUT, -EPROTO or its death. */
int render_lose(struct render *r, int err);

const struct file_id *render_source_id(const struct job *job);
const char *render_source_path(const struct job *job);

/*
 * 0, or -ESTALE: the source is no longer the version that was planned for. One
 * that a reader holds open may have been renamed, which moves its ctime.
 */
int render_check_version(struct render *r);

/* Hears the worker until it is through, and takes what it made. */
int render_listen(struct render *r);

/* limits.c: before the worker gets the task: how much memory it may have. */
void limits_memory(const struct render *r);

/* The worker has the task from now on. */
void limits_begin(struct render *r);

/* So long it waited for a block that somebody else made. */
void limits_waited(struct render *r, int64_t seconds);

/* 0, or -EIO: it is stuck, takes too long, or says too much. */
int limits_check_time(struct render *r);
int limits_check_report(struct render *r, const struct report *report);

/* Likewise: it announced more than there was. */
int limits_check_bytes(struct render *r);

#endif
