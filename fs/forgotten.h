/*
 * Where files were whose nodes the kernel has let go. Somebody may still have
 * a handle of one, an NFS client for months: then its number leads to the path
 * here, and what is found there is the same version, with the same number, or
 * the handle is stale.
 *
 * A place is never changed and takes its path and 24 bytes. When they fill
 * FORGOTTEN_MAX bytes the oldest ones go. The caller locks.
 */
#ifndef FS_FORGOTTEN_H
#define FS_FORGOTTEN_H

#include <stdint.h>

enum { FORGOTTEN_MAX = 24 << 20 };

struct forgotten;

struct forgotten *forgotten_create(void);	     /* NULL: no memory */
void forgotten_destroy(struct forgotten *forgotten); /* NULL is allowed */

/* Copies the path. Without memory it is not kept. */
void forgotten_keep(struct forgotten *forgotten, uint64_t number,
		    const char *mount_path);

/* Good until the next one is kept; NULL: not known. */
const char *forgotten_find(const struct forgotten *forgotten, uint64_t number);

#endif
