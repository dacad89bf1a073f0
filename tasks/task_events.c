/*
 * See task_events.h. Tracks end while the task goes on, so each has a name and
 * an end of its own: who follows one name sees one end.
 */
#include "tasks/task_events.h"

#include <stdio.h>

void task_events_tell(struct task_events *told, const struct event *event,
		      bool ends)
{
	struct event named = *event;

	if (!named.task_id)
		named.task_id = told->name;
	pthread_mutex_lock(&told->lock);
	if (!told->ended)
		events_publish(told->events, &named);
	told->ended |= ends;
	pthread_mutex_unlock(&told->lock);
}

void task_events_track(struct task_events *told, enum event_status status,
		       const struct precached *precached, const char *message)
{
	char name[sizeof(told->name) + 16];
	const struct event event = {
		.task_id = name,
		.step = precached->quality,
		.status = status,
		.message = message ? message : precached->path,
		.quality = precached->quality,
		.path = precached->shown,
		.current = status != EVENT_IN_PROGRESS,
		.total = 1,
	};

	snprintf(name, sizeof(name), "%s.%u", told->name, precached->number);
	task_events_tell(told, &event, false);
}
