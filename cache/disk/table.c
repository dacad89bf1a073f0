/*
 * The table of open entries. An entry in it has at least one reference, since
 * the last one is dropped under the lock; taking further ones needs no lock.
 */
#include "cache/disk/store_private.h"

#include "base/cleanup.h"
#include "cache/disk/entry_private.h"

#include <string.h>

int table_init(struct table *table)
{
	for (size_t i = 0; i < TABLE_BUCKETS; i++)
		LIST_INIT(&table->buckets[i]);
	return -pthread_mutex_init(&table->lock, NULL);
}

void table_release(struct table *table)
{
	pthread_mutex_destroy(&table->lock);
}

bool table_is_empty(struct table *table)
{
	bool empty = true;
	auto_lock(&table->lock);

	for (size_t i = 0; i < TABLE_BUCKETS && empty; i++)
		empty = LIST_EMPTY(&table->buckets[i]);
	return empty;
}

static struct table_bucket *bucket_of(struct table *table,
				      const struct key *key)
{
	unsigned hash = (unsigned)key->bytes[0] << 8 | key->bytes[1];

	return &table->buckets[hash % TABLE_BUCKETS];
}

static struct entry *find_entry_locked(struct table *table,
				       const struct key *key)
{
	struct entry *entry;

	LIST_FOREACH (entry, bucket_of(table, key), link) {
		if (memcmp(&entry->key, key, sizeof(*key)) == 0)
			return entry_ref(entry);
	}
	return NULL;
}

struct entry *table_find(struct table *table, const struct key *key)
{
	auto_lock(&table->lock);

	return find_entry_locked(table, key);
}

struct entry *table_add(struct table *table, struct entry *entry)
{
	auto_lock(&table->lock);
	struct entry *other = find_entry_locked(table, &entry->key);

	if (!other)
		LIST_INSERT_HEAD(bucket_of(table, &entry->key), entry, link);
	return other ? other : entry;
}

bool table_drop(struct table *table, struct entry *entry)
{
	unsigned refs = atomic_load(&entry->refs);
	bool last;

	while (refs > 1) {
		if (atomic_compare_exchange_weak(&entry->refs, &refs, refs - 1))
			return false;
	}
	auto_lock(&table->lock);
	last = atomic_fetch_sub(&entry->refs, 1) == 1;
	if (last)
		LIST_REMOVE(entry, link);
	return last;
}
