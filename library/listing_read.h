/* The first step of a listing: what is in a folder. Internal to listing.c. */
#ifndef LIBRARY_LISTING_READ_H
#define LIBRARY_LISTING_READ_H

#include "library/listing.h"

/*
 * Fills in the items of `listing->path` as a view takes them, in any order,
 * with the names that they have in the library. 0 or -errno.
 */
int listing_read(struct library *library, struct listing *listing,
		 const struct view *view);

#endif
