/*
 * Caching ahead of time: a queue of tracks, each in one quality, worked off by
 * some threads behind all readers.
 *
 *   precacher_add -> queue -> a thread: listing -> item -> node -> rendition
 *                                        -> made, segment by segment -> report
 */
#ifndef TASKS_PRECACHE_H
#define TASKS_PRECACHE_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct precacher;
struct view;

enum precache_status {
	PRECACHE_CACHED, /* all of it is in the cache now */
	PRECACHE_THERE,	 /* it was before */
	PRECACHE_PASSES, /* it is shown as it is: nothing to cache */
	PRECACHE_FAILED,
};

/* "cached", "there", "passes", "failed" */
const char *precache_word(enum precache_status status);

/* What became of a track. Valid during the call. */
struct precached {
	unsigned number;  /* of all that the precacher was given */
	const char *path; /* in the library */
	const char *quality;
	char *shown; /* "medium/Artist/Song.mp3"; NULL: it was not found */
	enum precache_status status;
	const char *reason; /* FAILED: why */
	int err;	    /* FAILED: -errno */
	double seconds;	    /* of music */
	uint64_t bytes;	    /* of the file in the quality folder */
};

struct precache_config {
	struct core *core;
	unsigned threads;

	/* On any thread; calls of `done` come one at a time. */
	void (*begun)(void *arg, const struct precached *precached);
	void (*done)(void *arg, const struct precached *precached);
	void *arg;
};

/* 0, -ENOMEM, -EAGAIN: no thread can be started. */
int precacher_create(const struct precache_config *config,
		     struct precacher **precacher);

/* Adds a file, by its path in the library. 0 or -ENOMEM. */
int precacher_add(struct precacher *precacher, const struct view *view,
		  const char *path);

/* Returns when all that was added is done, or precacher_stop() was called. */
void precacher_wait(struct precacher *precacher);

/* Nothing more is begun or reported. What is being made ends with the engine.
 */
void precacher_stop(struct precacher *precacher);

bool precacher_stopped(struct precacher *precacher);

/* After the engine has been stopped. NULL is allowed. */
void precacher_destroy(struct precacher *precacher);

#endif
