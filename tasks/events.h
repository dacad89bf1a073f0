/*
 * Events: what the mount is doing, told to any number of readers as a stream of
 * Server-Sent Events (WHATWG HTML, "Server-sent events"):
 *
 *   data: {"task_id": "low-5f0c...-1", "step": "rendering",
 *          "status": "in_progress", "message": "Artist/Album/Song.flac",
 *          "quality": "low", "path": "low/Artist/Album/Song.mp3",
 *          "current": 3, "total": 38, "timestamp": 1714566600.125}
 *
 * on one line each, with an empty line behind it. A task ends once: with one of
 * completed, failed and skipped, behind which nothing follows. A reader gets
 * what is published after it came. The last EVENTS_KEPT events are kept for all
 * readers together; one that is further behind is told how many it has lost:
 *
 *   event: lost
 *   data: {"lost": 12}
 *
 * and one that had nothing for EVENTS_IDLE seconds gets a comment, ":
 * keepalive".
 *
 * Nobody who publishes ever waits for a reader: readers are woken by a thread
 * that does nothing else.
 */
#ifndef TASKS_EVENTS_H
#define TASKS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#define EVENTS_KEPT 1024
#define EVENTS_IDLE 15

/* Bytes that a reader is given at once, at most. */
#define EVENTS_READ_MAX 32768

enum event_status {
	EVENT_PENDING,
	EVENT_IN_PROGRESS,
	EVENT_COMPLETED,
	EVENT_FAILED,
	EVENT_SKIPPED,
};

struct event {
	const char *task_id; /* the same in all events of one task */
	const char *step;    /* what kind of task */
	enum event_status status;
	bool open;	     /* everybody may hear of it */
	const char *message; /* for people: any bytes but NUL, cut if long */
	const char *quality; /* of a track; NULL: it is of none */
	const char *path;    /* in the mount, "low/Song.mp3"; NULL: of none */
	uint64_t current;    /* of `total`, in units of the step's */
	uint64_t total;	     /* 0: not known yet */
};

struct events;
struct events_reader;

/* NULL: no memory, or no thread. */
struct events *events_create(void);

/*
 * The end: what is published from now on is dropped. Every reader gets what is
 * there and then the end of the stream, also who is parked: all of them have
 * been woken when this returns. May be called twice.
 */
void events_stop(struct events *events);

/* Stops it. All readers have been closed. NULL is allowed. */
void events_destroy(struct events *events);

/*
 * Tells all readers. Any thread, with any lock of its own held: a short copy in
 * memory, which takes no lock but this module's. Without memory the event
 * counts as lost.
 */
void events_publish(struct events *events, const struct event *event);

unsigned events_readers(struct events *events);

/*
 * Somebody who waits for a reader to have something. wake() is called once for
 * each time it was parked, on the events' thread (or in events_close()) without
 * a lock; from its beginning on the wait belongs to the caller again.
 */
struct events_wait {
	void (*wake)(struct events_wait *wait);

	/* the events' lock */
	TAILQ_ENTRY(events_wait) link;
	struct events_reader *reader; /* it may use that until it was woken */
	bool parked;
	bool cancelled;
};

/* Who may not hear `all` gets what is open. NULL: no memory. */
struct events_reader *events_open(struct events *events, bool all);

/* Wakes whoever is still parked. It ends when all who are woken have been. */
void events_close(struct events_reader *reader);

/*
 * Takes bytes: whole events, but for one that is longer than `size`, whose rest
 * comes next. The number of bytes; 0: the end. When there is nothing: -EAGAIN
 * without `wait`; -EINTR: it has been cancelled; else -EINPROGRESS: it is
 * parked.
 */
ssize_t events_read(struct events_reader *reader, struct events_wait *wait,
		    void *bytes, size_t size);

/*
 * Whether events_read() would give something now. If not, and if nobody who
 * polls is parked already, parks `wait`: then `*parked` is set.
 */
bool events_poll(struct events_reader *reader, struct events_wait *wait,
		 bool *parked);

/* The end has come. */
bool events_ended(struct events_reader *reader);

/*
 * Nobody waits any more. True: it was parked and will not be woken. False: it
 * is being woken, or, not parked yet, will not be.
 */
bool events_cancel(struct events_reader *reader, struct events_wait *wait);

#endif
