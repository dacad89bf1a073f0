/*
 * Reading events. A reader holds the text that it has read in part, so it gets
 * the rest even if the ring has moved on: an event is lost as a whole or not at
 * all.
 */
#include "tasks/events_private.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool ended_locked(const struct events_reader *reader)
{
	return reader->closed || reader->events->stopping;
}

/* The oldest event that still exists. */
static uint64_t first_locked(const struct events *events)
{
	return events->next > EVENTS_KEPT ? events->next - EVENTS_KEPT : 0;
}

/* An event that this reader may not get does not count as lost. */
static void skip_closed_locked(struct events_reader *reader)
{
	const struct events *events = reader->events;

	while (!reader->all && reader->position >= first_locked(events) &&
	       reader->position < events->next) {
		const struct text *text =
			events->ring[reader->position % EVENTS_KEPT];

		if (!text || text->open)
			return;
		reader->position++;
	}
}

bool events_readable_locked(struct events_reader *reader)
{
	skip_closed_locked(reader);
	return reader->text || reader->position < reader->events->next ||
	       reader->keepalive || ended_locked(reader);
}

/* A line made for one reader. */
static void take_own_locked(struct events_reader *reader, const char *bytes)
{
	reader->text = text_create(bytes, strlen(bytes));
	reader->given = 0;
}

static void tell_lost_locked(struct events_reader *reader)
{
	char bytes[80];

	snprintf(bytes, sizeof(bytes),
		 "event: lost\ndata: {\"lost\": %llu}\n\n",
		 (unsigned long long)reader->lost);
	take_own_locked(reader, bytes);
	if (reader->text)
		reader->lost = 0;
}

/* Reports lost events: the ring has moved on, or there was no memory. */
static void skip_lost_locked(struct events_reader *reader)
{
	const struct events *events = reader->events;
	uint64_t before = reader->position;

	if (reader->position < first_locked(events))
		reader->position = first_locked(events);
	while (reader->position < events->next &&
	       !events->ring[reader->position % EVENTS_KEPT])
		reader->position++;
	reader->lost += reader->position - before;
}

/* The reader's next text, or NULL: there is none. */
static struct text *next_text_locked(struct events_reader *reader)
{
	struct events *events = reader->events;

	if (reader->text)
		return reader->text;
	skip_lost_locked(reader);
	skip_closed_locked(reader);
	if (reader->lost > 0) {
		tell_lost_locked(reader);
	} else if (reader->position < events->next) {
		reader->text = events->ring[reader->position % EVENTS_KEPT];
		reader->text->refs++;
		reader->given = 0;
		reader->position++;
	} else if (reader->keepalive) {
		take_own_locked(reader, ": keepalive\n\n");
	}
	reader->keepalive = false;
	return reader->text;
}

static size_t take_event_locked(struct events_reader *reader, char *bytes,
				size_t size)
{
	struct text *text;
	size_t taken = 0;

	while ((text = next_text_locked(reader))) {
		size_t n = text->size - reader->given;

		if (n > size - taken && taken > 0)
			break;
		if (n > size - taken)
			n = size - taken;
		memcpy(bytes + taken, text->bytes + reader->given, n);
		taken += n;
		reader->given += n;
		if (reader->given < text->size)
			break;
		text_unref_locked(text);
		reader->text = NULL;
	}
	if (taken > 0)
		reader->idle = clock_ns();
	return taken;
}

static void park_locked(struct events_reader *reader,
			struct events_waits *waits, struct events_wait *wait)
{
	TAILQ_INSERT_TAIL(waits, wait, link);
	wait->reader = reader;
	wait->parked = true;
}

ssize_t events_read(struct events_reader *reader, struct events_wait *wait,
		    void *bytes, size_t size)
{
	auto_lock(&reader->events->lock);
	size_t n = take_event_locked(
		reader, bytes, size < EVENTS_READ_MAX ? size : EVENTS_READ_MAX);

	if (n > 0 || size == 0 || ended_locked(reader))
		return (ssize_t)n;
	if (!wait)
		return -EAGAIN;
	if (wait->canceled)
		return -EINTR;
	park_locked(reader, &reader->reads, wait);
	return -EINPROGRESS;
}

bool events_poll(struct events_reader *reader, struct events_wait *wait,
		 bool *parked)
{
	auto_lock(&reader->events->lock);
	bool ready = events_readable_locked(reader);

	*parked = !ready && wait && TAILQ_EMPTY(&reader->polls);
	if (*parked)
		park_locked(reader, &reader->polls, wait);
	return ready;
}

bool events_ended(struct events_reader *reader)
{
	auto_lock(&reader->events->lock);

	return ended_locked(reader);
}

bool events_cancel(struct events_reader *reader, struct events_wait *wait)
{
	auto_lock(&reader->events->lock);
	bool parked = wait->parked;

	if (parked)
		TAILQ_REMOVE(&reader->reads, wait, link);
	wait->parked = false;
	wait->canceled = true;
	return parked;
}
