/*
 * Sidecars: the files of analysis/. Each track has one of every kind, whose
 * name is the track's and a suffix; each folder of tracks has an album.json
 * (album.h). Pictures and peaks are parts of the track's analysis as they are;
 * texts are written when they are read, from its numbers and from what the
 * file is called and says of itself now.
 */
#ifndef FS_SIDECAR_H
#define FS_SIDECAR_H

#include "library/library.h"

#include <stddef.h>
#include <stdint.h>

struct fs;

/*
 * Reads what there is of [offset, offset + size). `rendition` is the track's
 * analysis; NULL when its audio cannot be decoded. A text says so then, and
 * also when the analysis fails; pictures and peaks give -EIO. `fn` as for
 * rendition_read().
 */
void sidecar_read(struct fs *fs, struct node *node, struct rendition *rendition,
		  uint64_t offset, size_t size, const struct asker *asker,
		  rendition_read_fn *fn, void *arg);

#endif
