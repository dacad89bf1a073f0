/*
 * See task_events.h. Tracks end while the task goes on, so each has a name and
 * an end of its own: whoever follows one name sees one end.
 */
#include "tasks/task_events.h"

#include "base/cleanup.h"

char *task_events_message(const char *path, const char *reason)
{
	char *message;

	return asprintf(&message, "%s: %s", path, reason) < 0 ? NULL : message;
}

void task_events_track(const struct task_events *told, enum event_status status,
		       const struct precached *precached)
{
	const char *path = precached->path;
	const char *reason = precached->reason;
	auto_free char *message =
		reason ? task_events_message(path, reason) : NULL;
	char name[sizeof(told->name) + 16];
	const struct event event = {
		.task_id = name,
		.step = precached->quality,
		.status = status,
		.message = message ? message : path,
		.quality = precached->quality,
		.path = precached->shown,
		.current = status != EVENT_IN_PROGRESS,
		.total = 1,
	};

	snprintf(name, sizeof(name), "%s.%u", told->name, precached->number);
	events_publish(told->events, &event);
}
