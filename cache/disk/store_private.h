/*
 * The inside of a store. Internal to cache/.
 */
#ifndef CACHE_DISK_STORE_PRIVATE_H
#define CACHE_DISK_STORE_PRIVATE_H

#include "cache/disk/evict.h"
#include "cache/disk/store.h"
#include "cache/key.h"
#include "cache/memory/fallback.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

/*
 * The open entries by key.
 */

struct entry;

#define TABLE_BUCKETS 1024
LIST_HEAD(table_bucket, entry);

struct table {
	pthread_mutex_t lock;
	struct table_bucket buckets[TABLE_BUCKETS];
};

int table_init(struct table *table);
void table_release(struct table *table);
bool table_is_empty(struct table *table);

/* The open entry of that key, with a reference for the caller, or NULL. */
struct entry *table_find(struct table *table, const struct key *key);

/*
 * Adds an entry; if there is one with its key already, gives that one, with a
 * reference for the caller, otherwise the entry itself.
 */
struct entry *table_add(struct table *table, struct entry *entry);

/*
 * Drops a reference. True: it was the last; the entry is out of the table and
 * belongs to the caller alone.
 */
bool table_drop(struct table *table, struct entry *entry);

struct store {
	/* immutable */
	char *directory;
	int entries; /* descriptor of directory/entries */
	struct facts_db *facts;

	/* each with its own lock */
	struct table table;
	struct evict evict;
	struct fallbacks fallbacks;

	atomic_int_fast64_t refused; /* when the disk last refused, in
					seconds */
};

/*
 * A segment goes to memory, because of -error. Logged once, and again only
 * after a minute without.
 */
void store_refused(struct store *store, int error);

#endif
