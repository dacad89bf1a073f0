/*
 * Remembers the paths of nodes that the kernel has forgotten. Somebody may
 * still have a handle of such a node, an NFS client for months. Its number then
 * leads to the path here; what is found there is either the same version, with
 * the same number, or the handle is stale.
 *
 * A record never changes and takes its path and 24 bytes. When the records fill
 * FORGOTTEN_MAX bytes, the oldest ones go. The caller locks.
 */
#ifndef FS_FORGOTTEN_H
#define FS_FORGOTTEN_H

#include <stdint.h>

enum { FORGOTTEN_MAX = 24 << 20 };

struct forgotten;

struct forgotten *forgotten_create(void);	     /* NULL: no memory */
void forgotten_destroy(struct forgotten *forgotten); /* NULL is allowed */

/* Copies the path. Without memory it is not remembered. */
void forgotten_keep(struct forgotten *forgotten, uint64_t number,
		    const char *mount_path);

/* Valid until the next call of the above; NULL: not known. */
const char *forgotten_find(const struct forgotten *forgotten, uint64_t number);

#endif
