/* Shared by the steps of a listing, which listing.c takes. */
#ifndef LIBRARY_LISTING_PRIVATE_H
#define LIBRARY_LISTING_PRIVATE_H

#include "library/listing.h"
#include "library/view.h"

/*
 * What a file of the library becomes in a view other than original/: a track, a
 * file that passes through, or nothing.
 */

/* By its name; what it is until its facts are known, if it needs them. */
enum item_kind kind_by_name(const struct view *view, const char *name);
bool needs_facts(const struct view *view, const char *name);

/* `size`: of the file, in bytes. */
enum item_kind kind_by_facts(const struct view *view, const char *name,
			     uint64_t size, const struct facts *facts);

/* Audio about which nothing can be found out. */
enum item_kind kind_of_unknown(const struct view *view);

/*
 * The names of tracks in a listing. If a name is taken, files that keep their
 * names come first, then tracks that already have their name, then the others
 * in bytewise order. A track whose short name is taken is shown with its whole
 * name and the new extension.
 */

/*
 * Names all tracks; drops those that no name is left for, and what is hidden.
 * -ENOMEM.
 */
int listing_name_items(struct listing *listing, const char *extension);

void listing_release_item(struct item *item);

/* The first step of a listing: reads the folder. */

/*
 * Fills in the items of `listing->path` that the view shows, in any order, with
 * their names in the library. 0 or -errno.
 */
int listing_read(struct library *library, struct listing *listing,
		 const struct view *view);

/* A listing of analysis/: sidecars in place of tracks. */

/*
 * Replaces each track by its sidecars, adds an album.json if there is any
 * track, and drops what is hidden. In any order. 0 or -ENOMEM.
 */
int listing_add_sidecars(struct listing *listing);

#endif
