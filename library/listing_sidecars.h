/* A listing of analysis/: sidecars in the place of tracks. Internal to
 * listing.c. */
#ifndef LIBRARY_LISTING_SIDECARS_H
#define LIBRARY_LISTING_SIDECARS_H

#include "library/listing.h"

/*
 * In the place of each track come its sidecars, and if there is any track an
 * album.json; what is hidden goes. The order is any. 0 or -ENOMEM.
 */
int listing_add_sidecars(struct listing *listing);

#endif
