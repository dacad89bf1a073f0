/*
 * A listing: the names of one source folder as a view shows them, sorted.
 * Immutable once handed out, shared, counted.
 *
 * Containers that may hold lossless or lossy audio (.m4a, .ogg) take their
 * names from what is in them: a folder that has such files is listed when their
 * facts are known, so listing_ask() answers through a callback.
 */
#ifndef LIBRARY_LISTING_H
#define LIBRARY_LISTING_H

#include "base/file_id.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asker;
struct engine;
struct library;
struct view;

enum item_kind {
	ITEM_FOLDER,
	ITEM_FILE,
	ITEM_TRACK,
	ITEM_SIDECAR, /* of a track, in analysis/ */
	ITEM_ALBUM,   /* of a folder, likewise */
	ITEM_HIDDEN,
};

struct item {
	char *name;   /* as shown */
	char *source; /* in the library; may be the same pointer */
	enum item_kind kind;
	uint8_t sidecar; /* SIDECAR: enum sidecar */
	bool link;	 /* to what the kind says, or would be */

	/* while the listing is made */
	bool ask;
	char *target; /* LINK: where it ends, a path in the library; or NULL */
};

struct listing {
	atomic_uint refs;
	char *path;	     /* of the folder, in the library */
	struct file_id id;   /* of the folder when it was read */
	atomic_bool settled; /* it can be believed as long as `id` stays */
	bool remote; /* another machine or process answers for each file */
	size_t count;
	struct item *items; /* by name, bytewise */
	const char *cover;  /* the folder's cover's source name, or NULL */
	pthread_mutex_t cover_lock; /* guards what cover.c knows of it */
	struct file_id cover_id;
	uint32_t cover_size;
	atomic_bool asked; /* its tracks' facts have been asked for */
	atomic_bool open;  /* everybody may search the folder... */
	atomic_int_fast64_t looked_at; /* ...at that time, s */
	atomic_bool refused; /* that its cover is not used has been said */
	atomic_bool told; /* which playlist of it is shown as it is, likewise */
	atomic_bool opened; /* the kernel has been given its names before */
};

typedef void listing_fn(void *arg, int err, struct listing *listing);

/*
 * Reads a folder. `fn` is called once, on any thread, perhaps before this
 * returns; on success it owns a reference.
 */
void listing_ask(struct library *library, struct engine *engine,
		 const char *path, const struct view *view,
		 const struct asker *asker, listing_fn *fn, void *arg);

struct listing *listing_ref(struct listing *listing);
void listing_unref(struct listing *listing); /* NULL is allowed */

/* Whether the folder is as it was when it was read. */
bool listing_current(const struct listing *listing,
		     const struct library *library);

/* NULL when there is no such name. */
const struct item *listing_find(const struct listing *listing,
				const char *name);

/*
 * By the file's name in the library. Of a track's sidecars it is the one that
 * stands for it. NULL: the view does not show it.
 */
const struct item *listing_find_source(const struct listing *listing,
				       const char *source);

/*
 * Whether it is a track, or the one of its sidecars that counts as it. A link
 * to a track is none: that one counts where it is.
 */
bool item_stands_for_track(const struct item *item);

/* The first one that does, or NULL. */
const struct item *listing_first_track(const struct listing *listing);

/* The track after this item's, in the order of names; NULL after the last. */
const struct item *listing_next_track(const struct listing *listing,
				      const struct item *item);

/* folder + "/" + name, on the heap; NULL: no memory. */
char *path_join(const char *folder, const char *name);

#endif
