/*
 * album.json: the loudness of a folder's tracks, all together and each. It is a
 * version of its own of all of them: a track that changes gives it another
 * time, and a reader of the old one ESTALE.
 */
#ifndef LIBRARY_ALBUM_H
#define LIBRARY_ALBUM_H

#include "library/catalog.h"
#include "library/listing.h"

#include <sys/stat.h>

#define ALBUM_NAME "album.json"

/*
 * Looks at the folder and at all its tracks: attributes with the youngest time
 * of modification, and the version. 0, -errno of the folder.
 */
int album_look(struct catalog *catalog, const struct listing *listing,
	       struct stat *st, struct file_id *id);

/*
 * The tracks that it tells of, one item each, as an array on the heap of items
 * of the listing. -ENOMEM.
 */
int album_items(struct catalog *catalog, const struct listing *listing,
		const struct item ***items, size_t *count);

#endif
