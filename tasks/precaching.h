/*
 * Precaching as a whole: qualities, paths, playlists and, if wanted, what
 * appears in the library later. A mount has one for its option precache=; the
 * command `groovefs precache` has one without a mount.
 */
#ifndef TASKS_PRECACHING_H
#define TASKS_PRECACHING_H

#include "tasks/precache.h"

#include <stdbool.h>
#include <stddef.h>

struct core_options;
struct precaching;

struct precaching_reports {
	/* On any thread, one at a time. */
	void (*begun)(void *arg, const struct precached *precached);
	void (*done)(void *arg, const struct precached *precached);

	/* A path or an entry of a playlist that there is not. */
	void (*missing)(void *arg, const char *path, const char *reason);
	void *arg;
};

/*
 * In a mount: `qualities` are names, separated by ',' or ':'; without any,
 * medium. 0; -EINVAL after
 * a log line: there is no such quality; -ENOMEM.
 */
int precaching_create(struct core *core, const char *qualities,
		      unsigned threads,
		      const struct precaching_reports *reports,
		      struct precaching **precaching);

/* Without a mount: sets up all that is needed. -errno after a log line. */
int precaching_open(const struct core_options *options, const char *qualities,
		    const struct precaching_reports *reports,
		    struct precaching **precaching);

/*
 * Adds a file, a playlist or a folder, by its path in the library, or an
 * absolute one in it; a playlist may lie anywhere. Gives how many tracks that
 * are, qualities multiplied. -ENOMEM.
 */
int precaching_add(struct precaching *precaching, const char *path,
		   size_t *count);

/* From now on adds what appears in the library. -errno after a log line. */
int precaching_watch(struct precaching *precaching);

/* Until all is done or it is stopped. */
void precaching_wait(struct precaching *precaching);

/* May be called on any thread; nothing is reported after it. */
void precaching_stop(struct precaching *precaching);

/* Stops the engine first, if precaching_open() made it. NULL is allowed. */
void precaching_destroy(struct precaching *precaching);

#endif
