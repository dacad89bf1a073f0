/*
 * Views: the folders through which the library is seen. original/, the
 * qualities and analysis/ stand in the root; views of decoded audio in pcm/,
 * where any one can be asked for by its name:
 *
 *   (native | RATE)[-mono][-s16]      RATE from 8000 to 192000 Hz
 */
#ifndef LIBRARY_VIEW_H
#define LIBRARY_VIEW_H

#include "library/sources.h"
#include "transcode/transcode.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

enum view_kind {
	VIEW_ORIGINAL, /* the source files */
	VIEW_QUALITY,  /* lossless audio is transcoded, the rest passes
			  through */
	VIEW_DECODED,  /* all audio, decoded; nothing else */
	VIEW_ANALYSIS, /* the analyses of all audio; nothing else */
};

/*
 * Immutable except for its counts. Those in the root live as long as the mount,
 * those in pcm/ as long as somebody has a reference.
 */
struct view {
	enum view_kind kind;
	struct views *owner;	/* of a view in pcm/; else NULL */
	const char *name;	/* its path in the mount */
	struct profile profile; /* not of original/ */
	const char *extension;	/* of its tracks; NULL: they keep their own */
	struct sources sources; /* QUALITY: what is transcoded */

	/* protected by the owner's lock */
	unsigned refs;
	TAILQ_ENTRY(view) link;
};

#define VIEW_DECODED_FOLDER "pcm"
#define VIEW_CONTROL_FOLDER ".groovefs" /* not a view, but a taken name */
#define VIEWS_ROOTED_MAX (PROFILES_MAX + 2)
#define VIEWS_LISTED_MAX 17

/*
 * With more views in pcm/ than this, those that nobody has used for long are
 * released.
 */
#define VIEWS_KEPT 256

struct catalog_options;

struct views {
	/* immutable after views_init() */
	struct view rooted[VIEWS_ROOTED_MAX];
	unsigned rooted_count;
	const struct view *listed[VIEWS_LISTED_MAX]; /* in pcm/ */
	unsigned listed_count;
	uint32_t on_disk; /* decoded audio is kept in the cache, too */

	pthread_mutex_t lock;
	void *decoded; /* a tree, by name: those in use */
	TAILQ_HEAD(, view)
	by_use; /* the same, by last lookup */
	unsigned decoded_count;
};

/*
 * Keeps pointers into the options. -EINVAL after a log line: a view to list in
 * pcm/ is invalid; -ENOMEM. views_release() is safe after a failure, too.
 */
int views_init(struct views *views, const struct catalog_options *options);
void views_release(struct views *views);

/* By name, or NULL. */
const struct view *views_find(const struct views *views, const char *name);

/*
 * By its name in pcm/, with a reference. -ENOENT: there is no such view;
 * -ENOMEM.
 */
int views_find_decoded(struct views *views, const char *name,
		       const struct view **view);

/* For any kind; unref takes NULL. */
const struct view *view_ref(const struct view *view);
void view_unref(const struct view *view);

/* The number of views in pcm/. */
unsigned views_decoded_count(struct views *views);

/*
 * If there are too many in pcm/: the short name of the least recently used one,
 * which then counts as used now. False: there are not too many.
 */
bool views_find_unused(struct views *views, char name[PROFILE_NAME_MAX + 1]);

/* The part of a decoded view's name that is seen in pcm/. */
const char *view_short_name(const struct view *view);

/* Whether the folder of a quality may have this name. */
bool view_is_quality_name(const char *name);

/* Whether a view in pcm/ may have this name. */
bool view_is_decoded_name(const char *name);

#endif
