/*
 * What became of tracks, waiting for somebody to take it: of very many, the
 * first are forgotten. The caller locks.
 */
#ifndef TASKS_OUTCOMES_H
#define TASKS_OUTCOMES_H

#include "tasks/precache.h"

#include <sys/queue.h>

/* Valid until the next outcomes_drop(). */
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

/* The oldest one, or NULL. */
const struct outcome *outcomes_first(const struct outcomes *outcomes);
void outcomes_drop(struct outcomes *outcomes);

#endif
