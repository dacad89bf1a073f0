/*
 * A listing: the names in one source folder as a view shows them, sorted.
 * Immutable once handed out, shared, reference-counted.
 *
 * Containers that may hold lossless or lossy audio (.m4a, .ogg) are named by
 * their content. A folder with such files is listed once their facts are known,
 * so listing_ask() answers through a callback.
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
	ITEM_ALBUM,   /* of a folder, in analysis/ */
	ITEM_HIDDEN,
};

struct item {
	char *name;   /* as shown */
	char *source; /* in the library; may be the same pointer */
	enum item_kind kind;
	uint8_t sidecar; /* SIDECAR: enum sidecar */
	bool link;	 /* the new extension, if the kind has one */

	/* while the listing is made */
	bool ask;
	char *target; /* LINK: its final target or NULL */
};

struct listing {
	atomic_uint refs;
	char *path;	     /* of the folder, in the library */
	struct file_id id;   /* of the folder at the time it was read */
	atomic_bool settled; /* it can be trusted as long as `id` stays */
	bool remote; /* another machine or process answers for each file */
	size_t count;
	struct item *items; /* by name, bytewise */
	const char *cover;  /* the folder's cover's source name, or NULL */
	pthread_mutex_t cover_lock; /* guards what cover.c knows of it */
	struct file_id cover_id;
	uint32_t cover_size;
	atomic_bool asked; /* the facts of its tracks have been asked for */
	atomic_bool open;  /* everybody may search the folder... */
	atomic_int_fast64_t looked_at; /* ...at that time, s */
	atomic_bool refused; /* it has been logged that its cover is not used */
	atomic_bool told; /* the same for a playlist that is shown unchanged */
	atomic_bool opened; /* the kernel has been given its names before */
};

typedef void listing_fn(void *arg, int err, struct listing *listing);

/*
 * Reads a folder. Calls `fn` once, on any thread, perhaps before this returns;
 * on success `fn` owns a reference.
 */
void listing_ask(struct library *library, struct engine *engine,
		 const char *path, const struct view *view,
		 const struct asker *asker, listing_fn *fn, void *arg);

struct listing *listing_ref(struct listing *listing);
void listing_unref(struct listing *listing); /* NULL is allowed */

/* Whether the folder has not changed since it was read. */
bool listing_current(const struct listing *listing,
		     const struct library *library);

/* NULL: there is no such name. */
const struct item *listing_find(const struct listing *listing,
				const char *name);

/*
 * By the file's name in the library. Among a track's sidecars it is the one
 * that represents the track. NULL: the view does not show it.
 */
const struct item *listing_find_source(const struct listing *listing,
				       const char *source);

/*
 * Whether it is a track, or the sidecar that represents one. A link to a track
 * is not: the track counts where it is.
 */
bool item_stands_for_track(const struct item *item);

/* The first such item, or NULL. */
const struct item *listing_first_track(const struct listing *listing);

/* The track after this item's, in the order of names; NULL: it was the last. */
const struct item *listing_next_track(const struct listing *listing,
				      const struct item *item);

/* folder + "/" + name, on the heap; NULL: no memory. */
char *path_join(const char *folder, const char *name);

#endif
