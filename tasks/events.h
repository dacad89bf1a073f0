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

/* Maximum bytes that a reader gets at once. */
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
	bool open;	     /* public: everybody may get it */
	const char *message; /* for people: any bytes but NUL, cut if long */
	const char *quality; /* of a track; NULL: none */
	const char *path;    /* in the mount, "low/Song.mp3"; NULL: none */
	uint64_t current;    /* of `total`, in units of the step's */
	uint64_t total;	     /* 0: unknown yet */
};

struct events;
struct events_reader;

/* NULL: no memory, or no thread. */
struct events *events_create(void);

/*
 * The end: what is published from now on is dropped. Every reader, even a
 * parked one, gets what is there and then the end of the stream: all of them
 * have been woken when this returns. May be called twice.
 */
void events_stop(struct events *events);

/* Stops it. All readers have been closed. NULL is allowed. */
void events_destroy(struct events *events);

/*
 * Publishes to all readers. Any thread, holding any lock of its own: a short
 * copy in memory, under no lock but this module's. Without memory the event
 * counts as lost.
 */
void events_publish(struct events *events, const struct event *event);

unsigned events_readers(struct events *events);

/*
 * Waits for a reader to have something. wake() is called once for each time it
 * was parked, on the events' thread (or in events_close()), without a lock;
 * from its start on the wait belongs to the caller again.
 */
struct events_wait {
	void (*wake)(struct events_wait *wait);

	/* under the events' lock */
	TAILQ_ENTRY(events_wait) link;
	struct events_reader *reader; /* which may use it until it was woken */
	bool parked;
	bool canceled;
};

/* Without `all` it gets public events only. NULL: no memory. */
struct events_reader *events_open(struct events *events, bool all);

/*
 * Wakes whoever is still parked. It is freed when all of them have been woken.
 */
void events_close(struct events_reader *reader);

/*
 * Takes bytes: whole events, except one that is longer than `size`, whose rest
 * comes next. The number of bytes; 0: the end. If there is nothing: -EAGAIN
 * without `wait`; -EINTR: it has been canceled; otherwise -EINPROGRESS: it is
 * parked.
 */
ssize_t events_read(struct events_reader *reader, struct events_wait *wait,
		    void *bytes, size_t size);

/*
 * Whether events_read() would give something now. If not, and if nobody who
 * polls is parked yet, parks `wait` and sets `*parked`.
 */
bool events_poll(struct events_reader *reader, struct events_wait *wait,
		 bool *parked);

/* The end has come. */
bool events_ended(struct events_reader *reader);

/*
 * Nobody waits any more. True: it was parked and will not be woken. False: it
 * is being woken, or was not parked yet and will not be.
 */
bool events_cancel(struct events_reader *reader, struct events_wait *wait);

#endif
