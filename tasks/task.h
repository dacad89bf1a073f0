/*
 * Long work that a mount does for somebody. Each task is a thread, which
 * reports its work as events and can be asked for its progress. The last ones
 * that are over are remembered.
 */
#ifndef TASKS_TASK_H
#define TASKS_TASK_H

#include "tasks/control_call.h"

#include <stdbool.h>

struct core;
struct events;
struct tasks;

/* NULL: no memory. `workers`: how many tracks a task works on at a time. */
struct tasks *tasks_create(struct core *core, struct events *events,
			   unsigned workers);

/* All of them stop looking for tracks and begin nothing more. */
void tasks_stop(struct tasks *tasks);

/*
 * Waits for the threads of all, but not for ever; the engine has been stopped.
 * False: one waits for the library, and nothing that it uses may be freed. NULL
 * is allowed.
 */
bool tasks_end(struct tasks *tasks);

/* Ends all. NULL is allowed. */
void tasks_destroy(struct tasks *tasks);

/* The calls in control_call.h; -errno. */
int tasks_precache(struct tasks *tasks, struct control_precache *precache);
int tasks_look(struct tasks *tasks, struct control_task *look);
int tasks_cancel(struct tasks *tasks, uint32_t task);

/*
 * Caches what appears in the library from now on, as long as the mount lives.
 * -errno after a log line.
 */
int tasks_watch(struct tasks *tasks, const char *qualities);

#endif
