/*
 * album.json: the loudness of a folder's tracks, all together and each. It is a
 * version of its own of all of them: a track that changes gives it another
 * time, and a reader of the old one ESTALE.
 */
#ifndef FS_ALBUM_H
#define FS_ALBUM_H

#include "fs/node.h"

#define ALBUM_NAME "album.json"

struct fs;

/*
 * Looks at the folder and at all its tracks: attributes with the youngest time
 * of modification, and the version. 0, -errno of the folder.
 */
int album_look(struct fs *fs, const struct listing *listing, struct stat *st,
	       struct file_id *id);

/* 0, or -ESTALE when the folder or one of its tracks is another one now. */
int album_check(struct fs *fs, const struct node *node);

/* Whether the reader still waits; any thread. */
typedef bool album_wanted_fn(void *arg);

/*
 * Analyses what is not analysed yet, as long as it is wanted. `fn` as for
 * rendition_read(); tracks whose analysis fails are named as such.
 */
void album_read(struct fs *fs, struct node *node, uint64_t offset, size_t size,
		album_wanted_fn *wanted, rendition_read_fn *fn, void *arg);

#endif
