/*
 * The events of a task, and of each of its tracks, all published by the task's
 * own thread.
 */
#ifndef TASKS_TASK_EVENTS_H
#define TASKS_TASK_EVENTS_H

#include "tasks/events.h"
#include "tasks/precache.h"

struct task_events {
	struct events *events;
	char name[32]; /* its task_id; a track's is "NAME.7" */
};

/* "PATH: REASON", on the heap; NULL: no memory. */
char *task_events_message(const char *path, const char *reason);

/* For a track; `status` is its outcome, or says that it has begun. */
void task_events_track(const struct task_events *told, enum event_status status,
		       const struct precached *precached);

#endif
