/*
 * A ring of texts that all readers share, with a position for each reader:
 *
 *        first                                next
 *          |  text  |  text  |  text  |  text  |
 *               ^ reader's position        ^ another's
 *
 * Positions count events since the mount. Publishing puts a text into the ring
 * and signals; the thread finds the readers that have something to read, and
 * wakes those that are parked.
 */
#include "tasks/events_private.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <assert.h>

static void publish_locked(struct events *events, struct text *text)
{
	struct text **place = &events->ring[events->next % EVENTS_KEPT];

	text_unref_locked(*place);
	*place = text;
	events->next++;
	pthread_cond_signal(&events->news);
}

void events_publish(struct events *events, const struct event *event)
{
	struct text *text;
	bool any; /* somebody reads */

	pthread_mutex_lock(&events->lock);
	any = events->reader_count > 0 && !events->stopping;
	pthread_mutex_unlock(&events->lock);
	if (!any)
		return;
	text = text_of_event(event);
	pthread_mutex_lock(&events->lock);
	publish_locked(events, text);
	pthread_mutex_unlock(&events->lock);
}

unsigned events_readers(struct events *events)
{
	auto_lock(&events->lock);

	return events->reader_count;
}

static void collect_locked(struct events_waits *from,
			   struct events_waits *woken)
{
	struct events_wait *wait;

	TAILQ_FOREACH (wait, from, link) {
		wait->parked = false;
		wait->reader->refs++;
	}
	TAILQ_CONCAT(woken, from, link);
}

/* When the next reader will have been idle for too long, in ns. */
static int64_t look_at_readers_locked(struct events *events,
				      struct events_waits *woken)
{
	const int64_t patience = (int64_t)EVENTS_IDLE * CLOCK_SECOND_NS;
	int64_t now = clock_ns();
	int64_t until = now + patience;
	struct events_reader *reader;

	LIST_FOREACH (reader, &events->readers, link) {
		if (!events_readable_locked(reader)) {
			reader->keepalive = now - reader->idle >= patience;
			if (reader->idle + patience < until &&
			    !reader->keepalive)
				until = reader->idle + patience;
		}
		if (!events_readable_locked(reader))
			continue;
		collect_locked(&reader->reads, woken);
		collect_locked(&reader->polls, woken);
	}
	return until;
}

static void unref_reader(struct events_reader *reader)
{
	struct events *events = reader->events;
	bool last;

	pthread_mutex_lock(&events->lock);
	last = --reader->refs == 0;
	if (last)
		text_unref_locked(reader->text);
	pthread_mutex_unlock(&events->lock);
	if (last)
		free(reader);
}

/* A reader may be closed while its waits are woken. */
static void wake_all(struct events_waits *woken)
{
	struct events_wait *wait;

	while ((wait = TAILQ_FIRST(woken))) {
		struct events_reader *reader = wait->reader;

		TAILQ_REMOVE(woken, wait, link);
		wait->wake(wait);
		unref_reader(reader);
	}
}

static void sleep_locked(struct events *events, int64_t until)
{
	struct timespec then = {until / CLOCK_SECOND_NS,
				until % CLOCK_SECOND_NS};

	if (LIST_EMPTY(&events->readers))
		pthread_cond_wait(&events->news, &events->lock);
	else
		pthread_cond_timedwait(&events->news, &events->lock, &then);
}

static void *run_events(void *arg)
{
	struct events *events = arg;
	struct events_waits woken = TAILQ_HEAD_INITIALIZER(woken);
	bool stopping = false;

	while (!stopping) {
		int64_t until;

		pthread_mutex_lock(&events->lock);
		until = look_at_readers_locked(events, &woken);
		stopping = events->stopping;
		if (!stopping && TAILQ_EMPTY(&woken))
			sleep_locked(events, until);
		pthread_mutex_unlock(&events->lock);
		wake_all(&woken);
	}
	return NULL;
}

struct events *events_create(void)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	if (clock_init_cond(&events->news) != 0) {
		free(events);
		return NULL;
	}
	pthread_mutex_init(&events->lock, NULL);
	LIST_INIT(&events->readers);
	if (pthread_create(&events->thread, NULL, run_events, events) != 0) {
		pthread_mutex_destroy(&events->lock);
		pthread_cond_destroy(&events->news);
		free(events);
		return NULL;
	}
	return events;
}

void events_stop(struct events *events)
{
	bool first;

	pthread_mutex_lock(&events->lock);
	first = !events->stopping;
	events->stopping = true;
	pthread_cond_signal(&events->news);
	pthread_mutex_unlock(&events->lock);
	if (first)
		pthread_join(events->thread, NULL);
}

void events_destroy(struct events *events)
{
	if (!events)
		return;
	events_stop(events);
	assert(LIST_EMPTY(&events->readers));
	for (size_t i = 0; i < EVENTS_KEPT; i++)
		text_unref_locked(events->ring[i]);
	pthread_mutex_destroy(&events->lock);
	pthread_cond_destroy(&events->news);
	free(events);
}

struct events_reader *events_open(struct events *events, bool all)
{
	struct events_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->events = events;
	reader->refs = 1;
	reader->all = all;
	reader->idle = clock_ns();
	TAILQ_INIT(&reader->reads);
	TAILQ_INIT(&reader->polls);
	auto_lock(&events->lock);
	reader->position = events->next;
	LIST_INSERT_HEAD(&events->readers, reader, link);
	events->reader_count++;
	pthread_cond_signal(&events->news);
	return reader;
}

void events_close(struct events_reader *reader)
{
	struct events *events = reader->events;
	struct events_waits woken = TAILQ_HEAD_INITIALIZER(woken);

	pthread_mutex_lock(&events->lock);
	LIST_REMOVE(reader, link);
	events->reader_count--;
	reader->closed = true;
	collect_locked(&reader->reads, &woken);
	collect_locked(&reader->polls, &woken);
	pthread_mutex_unlock(&events->lock);
	wake_all(&woken);
	unref_reader(reader);
}
