/*
 * Caching ahead of time, behind all readers: tracks of the library, each in
 * some qualities.
 *
 *   path, playlist -> walk -> a job for each track and quality:
 *                             listing -> node -> rendition -> made -> report
 *
 * A mount has one for each of its tasks; `groovefs precache --library` has one
 * without a mount.
 */
#ifndef TASKS_PRECACHE_H
#define TASKS_PRECACHE_H

#include <stddef.h>
#include <stdint.h>

struct core;
struct precache;

/* Programs know the numbers, see control_call.h: new ones come last. */
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
	unsigned number;  /* of all that were added */
	const char *path; /* in the library */
	const char *quality;
	char *shown; /* "medium/Artist/Song.mp3"; NULL: it was not found */
	enum precache_status status;
	const char *reason; /* FAILED: why */
	int err;	    /* FAILED: -errno */
	double seconds;	    /* of music */
	uint64_t bytes;	    /* of the file in the quality folder */
};

/* Called on the threads of precache_add() and precache_run(). */
struct precache_reports {
	void (*begun)(void *arg, const struct precached *precached);
	void (*done)(void *arg, const struct precached *precached);

	/* A path or an entry of a playlist that there is not. */
	void (*missing)(void *arg, const char *path, const char *reason);
	void *arg;
};

/*
 * `qualities` are names, separated by ',' or ':'; without any, medium.
 * `at_once`: how many tracks. 0; -EINVAL after a log line: there is no such
 * quality; -ENOMEM.
 */
int precache_create(struct core *core, const char *qualities, unsigned at_once,
		    const struct precache_reports *reports,
		    struct precache **precache);

/*
 * Adds a file, a playlist or a folder, by its path in the library, or an
 * absolute one in it; a playlist may lie anywhere. Gives how many tracks that
 * are, qualities multiplied. -ENOMEM. Before precache_run().
 */
int precache_add(struct precache *precache, const char *path, size_t *count);

/*
 * What appears in the library is added, too, until it is stopped. -errno after
 * a log line.
 */
int precache_watch(struct precache *precache);

/* Does it, until all is done or it is stopped. */
void precache_run(struct precache *precache);

/*
 * Nothing more is begun or reported. What is being made ends with its segment,
 * or with the engine. Any thread.
 */
void precache_stop(struct precache *precache);

/*
 * After precache_run(): waits for what is being made when it was stopped, and
 * lets go of all that it holds.
 */
void precache_drain(struct precache *precache);

/* The same. NULL is allowed. */
void precache_destroy(struct precache *precache);

#endif
