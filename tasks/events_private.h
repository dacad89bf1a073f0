/*
 * Inside the events: shared by events.c, whose thread wakes readers,
 * events_read.c, where readers take events, and events_text.c.
 */
#ifndef TASKS_EVENTS_PRIVATE_H
#define TASKS_EVENTS_PRIVATE_H

#include "tasks/events.h"

#include <pthread.h>

TAILQ_HEAD(events_waits, events_wait);

/* `refs` is under the events' lock. */
struct text {
	unsigned refs;
	bool open; /* public: everybody may get it */
	size_t size;
	char bytes[];
};

struct events_reader {
	struct events *events;
	bool all; /* it gets all events, not only public ones */

	/* the events' lock */
	unsigned refs; /* its opener's, and of waits being woken */
	LIST_ENTRY(events_reader) link;
	uint64_t position;
	struct text *text; /* partly read, or NULL */
	size_t given;	   /* bytes of it already read */
	int64_t idle;	   /* the time, in ns */
	uint64_t lost;	   /* lost, but not yet reported to it */
	bool keepalive;	   /* a keepalive is due */
	bool closed;
	struct events_waits reads;
	struct events_waits polls; /* at most one */
};

struct events {
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t news;
	LIST_HEAD(, events_reader) readers;
	unsigned reader_count;
	struct text *ring[EVENTS_KEPT];
	uint64_t next; /* position of the next event */
	bool stopping;
};

/* One reference; NULL: no memory. */
struct text *text_create(const char *bytes, size_t size);
struct text *text_of_event(const struct event *event);
void text_unref_locked(struct text *text); /* NULL is allowed */

/* The reader would get something now, or the end. */
bool events_readable_locked(struct events_reader *reader);

#endif
