/*
 * Sidecars: the files of analysis/. Each track has one of every kind, named
 * after the track with a suffix; each folder of tracks has an album.json
 * (album.h). Pictures and peaks are parts of the track's analysis, unchanged;
 * texts are written when they are read, from its numbers and the file's current
 * name and tags.
 */
#ifndef FS_SIDECAR_H
#define FS_SIDECAR_H

#include "library/library.h"

#include <stddef.h>
#include <stdint.h>

struct fs;

/*
 * Reads what exists of [offset, offset + size). `rendition` is the track's
 * analysis; NULL if its audio cannot be decoded. A text then says so, as it
 * does when the analysis fails; pictures and peaks give -EIO. `fn` as for
 * rendition_read().
 */
void sidecar_read(struct fs *fs, struct node *node, struct rendition *rendition,
		  uint64_t offset, size_t size, const struct asker *asker,
		  rendition_read_fn *fn, void *arg);

#endif
