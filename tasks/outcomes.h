/*
 * Outcomes of tracks, waiting for somebody to read them; if there are very
 * many, the oldest are dropped. The caller locks.
 */
#ifndef TASKS_OUTCOMES_H
#define TASKS_OUTCOMES_H

#include "tasks/control_call.h"

#include <sys/queue.h>

struct outcome {
	STAILQ_ENTRY(outcome) link;
	enum precache_status status;
	const char *quality; /* "": a path that does not exist */
	const char *path;
	const char *reason; /* FAILED: the reason; else "" */
};

struct outcomes {
	STAILQ_HEAD(, outcome) list;
	size_t count;
};

void outcomes_init(struct outcomes *outcomes);
void outcomes_release(struct outcomes *outcomes);

/* Copies the texts. Without memory the outcome is dropped. */
void outcomes_add(struct outcomes *outcomes, const struct outcome *outcome);

/* Gives the oldest one, if any, to whoever reads a task's state. */
void outcomes_take(struct outcomes *outcomes, struct control_task *look);

#endif
