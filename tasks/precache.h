/*
 * Fills the cache in advance, at lower priority than all readers: tracks of the
 * library, each in some qualities.
 *
 *   path, playlist -> walk -> a job for each track and quality:
 *                             listing -> node -> rendition -> made -> report
 *
 * A mount has one for each of its tasks; `groovefs precache --library` has one
 * without a mount.
 */
#ifndef TASKS_PRECACHE_H
#define TASKS_PRECACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct precache;

/* The numbers are known to programs, see control_call.h: append new ones. */
enum precache_status {
	PRECACHE_CACHED, /* it is complete in the cache now */
	PRECACHE_THERE,	 /* it was complete before */
	PRECACHE_PASSES, /* it appears unchanged: nothing to cache */
	PRECACHE_FAILED,
};

/* "cached", "there", "passes", "failed" */
const char *precache_word(enum precache_status status);

/* The outcome for a track. Valid during the call. */
struct precached {
	unsigned number;  /* of all tracks that were added */
	const char *path; /* in the library */
	const char *quality;
	char *shown; /* "medium/Artist/Song.mp3"; NULL: not found */
	enum precache_status status;
	const char *reason; /* FAILED: the reason */
	int err;	    /* FAILED: -errno */
	double seconds;	    /* of music */
	uint64_t bytes;	    /* the size of the file in the quality folder */
};

/* Called on the threads of precache_add() and precache_run(). */
struct precache_reports {
	void (*begun)(void *arg, const struct precached *precached);
	void (*done)(void *arg, const struct precached *precached);

	/* A path, or an entry of a playlist, that does not exist. */
	void (*missing)(void *arg, const char *path, const char *reason);
	void *arg;
};

/*
 * `qualities` are names separated by ',' or ':'; none: medium. `at_once`: how
 * many tracks at a time. 0; -EINVAL after a log line: there is no such quality;
 * -ENOMEM.
 */
int precache_create(struct core *core, const char *qualities, unsigned at_once,
		    const struct precache_reports *reports,
		    struct precache **precache);

/*
 * Adds a file, a playlist or a folder, by its path in the library, or an
 * absolute one in it; a playlist may be anywhere. Gives the number of tracks,
 * times the qualities. -ENOMEM. Before precache_run().
 */
int precache_add(struct precache *precache, const char *path, size_t *count);

/*
 * Also adds what appears in the library, until it is stopped. -errno after a
 * log line.
 */
int precache_watch(struct precache *precache);

/* Runs until everything is done or it is stopped. */
void precache_run(struct precache *precache);

/*
 * Nothing more is begun or reported. What is in flight ends with its segment,
 * or with the engine. Any thread.
 */
void precache_stop(struct precache *precache);

/*
 * After precache_run(): waits for what was in flight when it was stopped, and
 * releases everything.
 */
void precache_drain(struct precache *precache);

/* As watch_end(). */
bool precache_end(struct precache *precache, int64_t until);

/* Stops and drains. NULL is allowed. */
void precache_destroy(struct precache *precache);

#endif
