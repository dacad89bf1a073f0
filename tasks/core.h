/*
 * The core: what a mount works on, and what works without one, made of options:
 *
 *   catalog -> checks -> backend, and then the engine
 */
#ifndef TASKS_CORE_H
#define TASKS_CORE_H

#include "library/library.h"
#include "tasks/backend.h"

struct core_options {
	struct catalog_options catalog;
	const char *mountpoint; /* NULL: none */
	struct backend_options backend;
};

struct core {
	struct catalog catalog;
	struct backend backend; /* the cache and the engine */
};

/*
 * All but the engine. `options` must outlive it. 0, or -errno after one log
 * line. core_close() is right in any case.
 */
int core_open(struct core *core, const struct core_options *options);

/* The engine starts threads: after fork(2). 0, or -errno after a log line. */
int core_start(struct core *core, const struct core_options *options);

void core_close(struct core *core);

#endif
