/*
 * The core: everything that a mount works with, except FUSE, made from options:
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
 * Sets up all but the engine. `options` must outlive it. 0, or -errno after one
 * log line. core_close() is safe in any case.
 */
int core_open(struct core *core, const struct core_options *options);

/*
 * Starts the engine's threads: call it after fork(2). 0, or -errno after a log
 * line.
 */
int core_start(struct core *core, const struct core_options *options);

void core_close(struct core *core);

#endif
