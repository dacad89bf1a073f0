/* The text of an event in the stream: see events.h. */
#include "tasks/events_private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

enum {
	MESSAGE_MAX = 1024, /* of its message, as written */
	WORD_MAX = 256,	    /* of its other texts */
};

struct text *text_create(const char *bytes, size_t size)
{
	struct text *text = malloc(sizeof(*text) + size);

	if (!text)
		return NULL;
	text->refs = 1;
	text->open = true;
	text->size = size;
	memcpy(text->bytes, bytes, size);
	return text;
}

void text_unref_locked(struct text *text)
{
	if (text && --text->refs == 0)
		free(text);
}

static void put_event(FILE *out, const struct event *event)
{
	static const char *const statuses[] = {
		[EVENT_PENDING] = "pending",
		[EVENT_IN_PROGRESS] = "in_progress",
		[EVENT_COMPLETED] = "completed",
		[EVENT_FAILED] = "failed",
		[EVENT_SKIPPED] = "skipped",
	};
	struct json json;

	fputs("data: ", out);
	json_begin_line(&json, out);
	json_text(&json, "task_id", event->task_id, WORD_MAX, JSON_KEEP_BEGIN);
	json_text(&json, "step", event->step, WORD_MAX, JSON_KEEP_BEGIN);
	json_word(&json, "status", statuses[event->status]);
	json_text(&json, "message", event->message, MESSAGE_MAX, JSON_KEEP_END);
	if (event->quality)
		json_text(&json, "quality", event->quality, WORD_MAX,
			  JSON_KEEP_BEGIN);
	if (event->path)
		json_path(&json, "path", event->path);
	json_whole(&json, "current", event->current);
	if (event->total > 0)
		json_whole(&json, "total", event->total);
	json_number(&json, "timestamp",
		    (double)clock_wall_ns() / CLOCK_SECOND_NS, 3);
	json_end_file(&json);
	fputc('\n', out);
}

struct text *text_of_event(const struct event *event)
{
	auto_free char *bytes = NULL;
	struct text *text = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	if (!out)
		return NULL;
	put_event(out, event);
	if (fclose(out) == 0)
		text = text_create(bytes, size);
	if (text)
		text->open = event->open;
	return text;
}
