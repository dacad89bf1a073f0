/*
 * What the engine tells of its progress: analyses, one by one, and renditions
 * from when filling them begins until they are whole, fail, or are left.
 *
 * What is told must come in the order in which it happened, so it is looked at
 * and told under a lock of its own, which is taken before the engine's and by
 * nobody who holds another one.
 */
#ifndef TRANSCODE_ENGINE_PROGRESS_H
#define TRANSCODE_ENGINE_PROGRESS_H

#include "transcode/engine/job.h"

struct engine;
struct rendition;

/* Somebody waits for this job, which is about to be added. May be NULL. */
void progress_pending(struct engine *engine, const struct job_id *id,
		      struct rendition *rendition);

/* A worker begins with it. */
void progress_started(struct engine *engine, const struct job *job);

/* It is over: `err`, and why. */
void progress_made(struct engine *engine, const struct job *job, int err,
		   const char *reason);

/* It is given up, since nobody waits for it. */
void progress_dropped(struct engine *engine, const struct job *job);

/* Nothing of it is left to begin: tells its end if all is there. */
void progress_filled(struct engine *engine, struct rendition *rendition);

/* Nobody fills it any more, whole or not. NULL is allowed for both. */
void progress_left(struct engine *engine, struct rendition *rendition);

#endif
