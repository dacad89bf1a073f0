/*
 * Walks the directory of entries. Internal to cache/.
 */
#ifndef CACHE_DISK_SCAN_H
#define CACHE_DISK_SCAN_H

#include "cache/key.h"

#include <stddef.h>
#include <stdint.h>

struct scan_item {
	struct key key;
	int64_t used_ns; /* time of the last use, since the epoch */
};

struct scan {
	struct scan_item *items; /* least recently used first */
	size_t count;
	uint64_t bytes; /* on disk, payloads and maps */
};

/* Things that are there and belong to no entry. */
enum scan_stray {
	SCAN_TEMPORARY, /* a file that was never finished */
	SCAN_LONE_MAP,	/* a map without a payload */
	SCAN_FOREIGN,	/* not the cache's, or in a wrong place */
	SCAN_UNREADABLE /* a directory */
};

/* `name` is relative to the directory of entries, and valid in the call. */
typedef void scan_stray_fn(void *context, enum scan_stray kind,
			   const char *name);

/*
 * Lists the entries below the directory `entries`, and reports everything else.
 * Changes nothing. 0 or -ENOMEM.
 */
int scan_walk(struct scan *scan, int entries, scan_stray_fn *stray,
	      void *context);

/* Removes a temporary file or a lone map: 0; -EBUSY: it is in use; -errno */
int scan_remove(int entries, enum scan_stray kind, const char *name);

/*
 * The same walk; removes temporary files and lone maps, and leaves alone
 * everything else that is not an entry's.
 */
int scan_run(struct scan *scan, int entries);
void scan_release(struct scan *scan);

#endif
