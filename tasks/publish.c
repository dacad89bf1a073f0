/* See publish.h. */
#include "tasks/publish.h"

#include "tasks/events.h"

#include <stdio.h>

/* Digits of a key that distinguish tasks. */
enum { KEY_DIGITS = 16 };

static const enum event_status statuses[] = {
	[PROGRESS_PENDING] = EVENT_PENDING,
	[PROGRESS_RUNNING] = EVENT_IN_PROGRESS,
	[PROGRESS_COMPLETED] = EVENT_COMPLETED,
	[PROGRESS_FAILED] = EVENT_FAILED,
	[PROGRESS_LEFT] = EVENT_SKIPPED,
};

void publish_progress(void *events, const struct rendition_progress *progress)
{
	char key[KEY_TEXT_SIZE];
	char task[96];
	char message[1024];

	key_text(&progress->key, key);
	snprintf(task, sizeof(task), "%s-%.*s-%u", progress->profile,
		 KEY_DIGITS, key, progress->run);
	snprintf(message, sizeof(message), "%s%s%s", progress->path,
		 progress->reason ? ": " : "",
		 progress->reason ? progress->reason : "");
	events_publish(events, &(struct event){
				       .task_id = task,
				       .step = progress->analysis ? "analysis"
								  : "rendering",
				       .status = statuses[progress->state],
				       .open = progress->open,
				       .message = message,
				       .quality = progress->profile,
				       .path = progress->shown,
				       .current = progress->there,
				       .total = progress->all,
			       });
}
