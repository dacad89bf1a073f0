/*
 * See task_events.h. Tracks end while the task goes on, so each has a name and
 * an end of its own: who follows one name sees one end.
 */
#include "tasks/task_events.h"

#include <stdio.h>

void task_events_tell(const struct task_events *told, const struct event *event)
{
	struct event named = *event;

	named.task_id = told->name;
	events_publish(told->events, &named);
}

void task_events_track(const struct task_events *told, enum event_status status,
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
	events_publish(told->events, &event);
}
