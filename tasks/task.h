/*
 * Long work that a mount does for somebody: each task is a thread, which tells
 * what it does as events and can be asked how far it has come. The last ones
 * that are over are remembered.
 */
#ifndef TASKS_TASK_H
#define TASKS_TASK_H

#include "tasks/control_call.h"

struct core;
struct events;
struct tasks;

/* NULL: no memory. `workers`: how many tracks a task makes at a time. */
struct tasks *tasks_create(struct core *core, struct events *events,
			   unsigned workers);

/* All of them look for nothing more and begin nothing more. */
void tasks_stop(struct tasks *tasks);

/* Ends all; the engine has been stopped. NULL is allowed. */
void tasks_destroy(struct tasks *tasks);

/* As the calls in control_call.h; -errno. */
int tasks_precache(struct tasks *tasks, struct control_precache *precache);
int tasks_look(struct tasks *tasks, struct control_task *look);
int tasks_cancel(struct tasks *tasks, uint32_t task);

/*
 * Caches what appears in the library from now on, as long as the mount lives.
 * -errno after a log line.
 */
int tasks_watch(struct tasks *tasks, const char *qualities);

#endif
