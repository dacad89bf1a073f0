/*
 * What a virtual file tells of itself, as extended attributes "user.groovefs.":
 *
 *   source    its file, by its path in the library
 *   key       of its bytes in the cache, in hex
 *   state     absent, partial or complete: how much of it is in the cache
 *   progress  likewise, whole percents of the segments
 *   bitrate   kbit/s
 *
 * and of sidecars whose track is analyzed, what that took once, milliseconds:
 *
 *   decode_ms, measure_ms, draw_ms
 */
#ifndef FS_XATTR_H
#define FS_XATTR_H

#include "library/library.h"

#include <stddef.h>

struct fs;

/* Longer than any value. */
#define XATTR_MAX 4352

/*
 * The value of an attribute: its length in bytes (without the NUL that
 * follows). -ENODATA: the file has no such attribute, -EOPNOTSUPP: no file has
 * it, -ENOMEM.
 */
int xattr_value(struct fs *fs, struct node *node, const char *name,
		char text[static XATTR_MAX]);

/* The names of its attributes, each with a NUL: their length, or -ENOMEM. */
int xattr_names(struct fs *fs, struct node *node, char text[static XATTR_MAX]);

#endif
