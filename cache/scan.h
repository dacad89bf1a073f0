/*
 * Walks the directory of entries. Internal to cache/.
 */
#ifndef CACHE_SCAN_H
#define CACHE_SCAN_H

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
	size_t room;
	uint64_t bytes; /* on disk, payloads and maps */
};

/*
 * Lists the entries below the directory `entries`; what cannot be read is
 * left out, what is not an entry's is ignored, except for temporary files and
 * maps without a payload, which are removed. 0 or -ENOMEM.
 */
int scan_run(struct scan *scan, int entries);
void scan_release(struct scan *scan);

#endif
