/*
 * What tracks are called in a listing. A name that is taken: files that keep
 * their names come first, then tracks that have theirs already, then the others
 * in the order of their bytes; a track whose short name is gone is shown with
 * its whole name and the new extension. Internal to listing.c.
 */
#ifndef LIBRARY_LISTING_NAMES_H
#define LIBRARY_LISTING_NAMES_H

#include "library/listing.h"

/* Names all tracks; drops those that no name is left for, and what is hidden.
 */
void listing_name_items(struct listing *listing, const char *extension);

void listing_release_item(struct item *item);

#endif
