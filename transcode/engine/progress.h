/*
 * Reports the engine's progress: analyses, one by one, and renditions from when
 * filling begins until they are complete, fail, or are left.
 *
 * Reports must come in the order in which things happened. So they are made
 * under a lock of their own, which is taken before the engine's and never by
 * somebody who holds another one.
 */
#ifndef TRANSCODE_ENGINE_PROGRESS_H
#define TRANSCODE_ENGINE_PROGRESS_H

#include "transcode/engine/job.h"

struct engine;
struct rendition;

/* Somebody waits for this job, which is about to be added. May be NULL. */
void progress_pending(struct engine *engine, const struct job_id *id,
		      struct rendition *rendition);

/* A worker begins it. */
void progress_started(struct engine *engine, const struct job *job);

/* It is over, with `err` and the reason. */
void progress_made(struct engine *engine, const struct job *job, int err,
		   const char *reason);

/* It was given up, since nobody waits for it. */
void progress_dropped(struct engine *engine, const struct job *job);

/* Nothing of it is left to begin: reports its end if all is there. */
void progress_filled(struct engine *engine, struct rendition *rendition);

/* Nobody fills it any more, complete or not. NULL is allowed for both. */
void progress_left(struct engine *engine, struct rendition *rendition);

#endif
