/*
 * What became of tracks, waiting for somebody to take it: of very many, the
 * first are forgotten. The caller locks.
 */
#ifndef TASKS_OUTCOMES_H
#define TASKS_OUTCOMES_H

#include "tasks/control_call.h"

#include <sys/queue.h>

struct outcome {
	STAILQ_ENTRY(outcome) link;
	enum precache_status status;
	const char *quality; /* "": a path that there is not */
	const char *path;
	const char *reason; /* FAILED: why; else "" */
};

struct outcomes {
	STAILQ_HEAD(, outcome) list;
	size_t count;
};

void outcomes_init(struct outcomes *outcomes);
void outcomes_release(struct outcomes *outcomes);

/* Copies the texts. Without memory it is left out. */
void outcomes_add(struct outcomes *outcomes, const struct outcome *outcome);

/* Gives the oldest one, if there is one, to who looks at a task. */
void outcomes_take(struct outcomes *outcomes, struct control_task *look);

#endif
