/*
 * album.json: the loudness of a folder's tracks, together and each. Its version
 * depends on all of them: when a track changes, it gets another time of
 * modification, and a reader of the old one gets ESTALE.
 */
#ifndef LIBRARY_ALBUM_H
#define LIBRARY_ALBUM_H

#include "library/catalog.h"
#include "library/listing.h"

#include <sys/stat.h>

#define ALBUM_NAME "album.json"

/*
 * Looks at the folder and at all its tracks: gives attributes with the latest
 * time of modification, and the version. 0, -errno of the folder.
 */
int album_look(struct catalog *catalog, const struct listing *listing,
	       struct stat *st, struct file_id *id);

/*
 * The tracks that it covers, one item each, as an array on the heap of items of
 * the listing. -ENOMEM.
 */
int album_items(struct catalog *catalog, const struct listing *listing,
		const struct item ***items, size_t *count);

#endif
