/*
 * The inside of a store. Internal to cache/.
 */
#ifndef CACHE_STORE_INNER_H
#define CACHE_STORE_INNER_H

#include "cache/evict.h"
#include "cache/memory.h"
#include "cache/store.h"
#include "cache/table.h"

#include <stdatomic.h>

struct store {
	/* immutable */
	char *directory;
	int entries; /* descriptor of directory/entries */
	struct facts_db *facts;

	/* each with its own lock */
	struct table table;
	struct evict evict;
	struct memory memory;

	atomic_bool refused; /* the disk took no bytes the last time */
};

/* A segment goes to memory, for the reason -error: the log says so once. */
void store_refused(struct store *store, int error);

/* The disk took bytes. */
void store_took(struct store *store);

#endif
