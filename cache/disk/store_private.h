/*
 * The inside of a store. Internal to cache/.
 */
#ifndef CACHE_DISK_STORE_PRIVATE_H
#define CACHE_DISK_STORE_PRIVATE_H

#include "cache/disk/evict.h"
#include "cache/disk/store.h"
#include "cache/disk/table.h"
#include "cache/memory/fallback.h"

#include <stdatomic.h>

struct store {
	/* immutable */
	char *directory;
	int entries; /* descriptor of directory/entries */
	struct facts_db *facts;

	/* each with its own lock */
	struct table table;
	struct evict evict;
	struct fallbacks fallbacks;

	atomic_int_fast64_t refused; /* when the disk last did, in seconds */
};

/*
 * A segment goes to memory, for the reason -error. The log says so once, and
 * again only after a minute without.
 */
void store_refused(struct store *store, int error);

#endif
