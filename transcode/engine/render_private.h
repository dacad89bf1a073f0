/*
 * A job in the hands of a slot: shared by render.c, which leads it from its
 * source to its bytes, and listen.c, which hears what the worker says
 * meanwhile.
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
	int cover;     /* -1: none */
	bool answered; /* the worker said that it is through */
	bool for_now;  /* damage or a missing cover may be mended */
	unsigned notes;
	int64_t last_bytes; /* when there were some, in seconds */
	int64_t deadline;   /* likewise: it may work until then */
	int64_t look_next;  /* likewise: for whether it is wanted */
	uint64_t furthest;  /* second that blocks were made of */
	uint64_t expected;  /* bytes of the segment */
	uint64_t taken;
	struct buffer *loose; /* BLOCK: bytes of one that found no room */
};

/* Gives `err`, with a reason for the log. */
int render_fail(struct render *r, int err, const char *reason);

/* Gives -EIO: the worker is lost, of -ETIMEDOUT, -EPROTO or its death. */
int render_lose(struct render *r, int err);

const struct file_id *render_source_id(const struct job *job);
const char *render_source_path(const struct job *job);

/* 0, or -ESTALE: the source is no longer the version that was planned for. */
int render_check_version(const struct render *r);

/* Hears the worker until it is through, and takes what it made. */
int render_listen(struct render *r);

#endif
