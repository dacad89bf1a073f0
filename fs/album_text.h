/* Reads album.json: writes its text from the analyses of all tracks. */
#ifndef FS_ALBUM_TEXT_H
#define FS_ALBUM_TEXT_H

#include "library/library.h"

struct fs;

/* 0; -ESTALE: the folder or one of its tracks is another one now; -errno. */
int album_check(struct fs *fs, const struct node *node);

/*
 * Analyzes the tracks that are not analyzed yet, as long as the asker waits.
 * `fn` as for rendition_read(); the text names tracks whose analysis fails.
 */
void album_read(struct fs *fs, struct node *node, uint64_t offset, size_t size,
		const struct asker *asker, rendition_read_fn *fn, void *arg);

#endif
