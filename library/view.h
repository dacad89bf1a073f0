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
	VIEW_ORIGINAL, /* the files as they are */
	VIEW_QUALITY,  /* lossless audio is transcoded, the rest stays */
	VIEW_DECODED,  /* all audio, decoded; nothing else */
	VIEW_ANALYSIS, /* what was measured of all audio; nothing else */
};

/*
 * Immutable but for its counts. Those in the root live as long as the mount,
 * those in pcm/ as long as somebody has a reference.
 */
struct view {
	enum view_kind kind;
	struct views *owner;	/* of one in pcm/; else NULL */
	const char *name;	/* its path in the mount */
	struct profile profile; /* not of original/ */
	const char *extension;	/* of its tracks; NULL: they keep their own */
	struct sources sources; /* QUALITY: what is transcoded */

	/* the owner's lock */
	unsigned refs;
	TAILQ_ENTRY(view) link;
};

#define VIEW_DECODED_FOLDER "pcm"
#define VIEW_CONTROL_FOLDER ".groovefs" /* no view, but a taken name */
#define VIEWS_ROOTED_MAX (PROFILES_MAX + 2)
#define VIEWS_LISTED_MAX 17

/* Of pcm/: from here on those that nobody used for long are let go. */
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
	void *decoded;		   /* tree of all that somebody has, by name */
	TAILQ_HEAD(, view) by_use; /* the same, by the last question for them */
	unsigned decoded_count;
};

/*
 * Keeps pointers into the options. -EINVAL after a log line for a view to list
 * in pcm/ that makes no sense; -ENOMEM. views_release() is right after a
 * failure, too.
 */
int views_init(struct views *views, const struct catalog_options *options);
void views_release(struct views *views);

/* By name, or NULL. */
const struct view *views_find(const struct views *views, const char *name);

/*
 * By name in pcm/, with a reference. -ENOENT: there is no such one; -ENOMEM.
 */
int views_find_decoded(struct views *views, const char *name,
		       const struct view **view);

/* Of any kind; unref takes NULL. */
const struct view *view_ref(const struct view *view);
void view_unref(const struct view *view);

/* How many of pcm/ there are. */
unsigned views_decoded_count(struct views *views);

/*
 * When there are too many in pcm/: the short name of the one that nobody has
 * asked for the longest, which counts as asked for now. False: there are not.
 */
bool views_find_unused(struct views *views, char name[PROFILE_NAME_MAX + 1]);

/* The part of a decoded view's name that is seen in pcm/. */
const char *view_short_name(const struct view *view);

/* Whether the folder of a quality may have this name. */
bool view_is_quality_name(const char *name);

/* Whether a view in pcm/ may have this name. */
bool view_is_decoded_name(const char *name);

#endif
