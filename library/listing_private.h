/* What the steps of a listing share; listing.c takes them. */
#ifndef LIBRARY_LISTING_PRIVATE_H
#define LIBRARY_LISTING_PRIVATE_H

#include "library/listing.h"
#include "library/view.h"

/*
 * What a file of the library becomes in a view that is not original/: a track,
 * a file that passes through, or nothing.
 */

/* By its name; what it is until more is known, when it needs facts. */
enum item_kind kind_by_name(const struct view *view, const char *name);
bool needs_facts(const struct view *view, const char *name);

/* `size`: of the file, in bytes. */
enum item_kind kind_by_facts(const struct view *view, const char *name,
			     uint64_t size, const struct facts *facts);

/* Audio of which nothing can be found out. */
enum item_kind kind_of_unknown(const struct view *view);

/*
 * What tracks are called in a listing. A name that is taken: files that keep
 * their names come first, then tracks that have theirs already, then the others
 * in the order of their bytes; a track whose short name is gone is shown with
 * its whole name and the new extension.
 */

/*
 * Names all tracks; drops those that no name is left for, and what is hidden.
 * -ENOMEM.
 */
int listing_name_items(struct listing *listing, const char *extension);

void listing_release_item(struct item *item);

/* The first step of a listing: what is in a folder. */

/*
 * Fills in the items of `listing->path` as a view takes them, in any order,
 * with the names that they have in the library. 0 or -errno.
 */
int listing_read(struct library *library, struct listing *listing,
		 const struct view *view);

/* A listing of analysis/: sidecars in the place of tracks. */

/*
 * In the place of each track come its sidecars, and if there is any track an
 * album.json; what is hidden goes. The order is any. 0 or -ENOMEM.
 */
int listing_add_sidecars(struct listing *listing);

#endif
