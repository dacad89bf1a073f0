/* The events of a task, and of each of its tracks. */
#ifndef TASKS_TASK_EVENTS_H
#define TASKS_TASK_EVENTS_H

#include "tasks/events.h"
#include "tasks/precache.h"

#include <pthread.h>

struct task_events {
	struct events *events;
	char name[32]; /* task_id; a track's is "NAME.7" */

	pthread_mutex_t lock;
	bool ended;
};

/* Nothing is told behind what `ends` it, neither of it nor of its tracks. */
void task_events_tell(struct task_events *told, const struct event *event,
		      bool ends);

/* Of a track; `status` says what became of it, or that it was begun. */
void task_events_track(struct task_events *told, enum event_status status,
		       const struct precached *precached, const char *message);

#endif
