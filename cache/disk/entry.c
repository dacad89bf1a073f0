/*
 * Entries: their life, their files, and what is known about them without I/O.
 *
 *   struct entry ---> struct disk        payload, map (once there are any)
 *      segments[] --> struct fill        while FILLING
 *               \--> struct fallback    when the disk refused the bytes
 *
 * Nothing is made on disk before the first byte is written. One flag says that
 * an entry is complete on disk; readers check it without a lock.
 *
 * Somebody may truncate the payload under a running daemon. When it gets its
 * size back, holes would read as zeros; so a generation number, increased
 * before that, tells concurrent readers to check again.
 */
#include "cache/disk/entry_private.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "cache/disk/map.h"

#include <assert.h>
#include <string.h>

uint32_t entry_count(const struct entry *entry)
{
	return entry->count;
}

uint64_t entry_size(const struct entry *entry)
{
	return entry->starts[entry->count];
}

uint64_t entry_segment_start(const struct entry *entry, uint32_t segment)
{
	assert(segment <= entry->count);
	return entry->starts[segment];
}

struct entry_layout entry_layout_of(const struct entry *entry)
{
	return (struct entry_layout){
		.count = entry->count,
		.starts = entry->starts,
		.label = entry->label,
	};
}

uint64_t entry_segment_size(const struct entry *entry, uint32_t segment)
{
	assert(segment < entry->count);
	return entry->starts[segment + 1] - entry->starts[segment];
}

uint32_t entry_segment_at(const struct entry *entry, uint64_t offset)
{
	uint32_t low = 0, high = entry->count;

	assert(offset < entry_size(entry));
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (entry->starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

enum segment_state entry_state_locked(struct entry *entry, uint32_t i)
{
	struct stored_segment *segment = &entry->segments[i];

	if (segment->state == PRESENT && segment->place == AS_FALLBACK &&
	    !segment->fallback) {
		segment->place = NOWHERE;
		entry_set_lost_locked(entry, i, ABSENT);
	}
	return segment->state;
}

void entry_set_present_locked(struct entry *entry, uint32_t i)
{
	assert(entry->segments[i].state != PRESENT);
	entry->segments[i].state = PRESENT;
	if (++entry->present < entry->count)
		return;
	for (uint32_t k = 0; k < entry->count; k++) {
		if (entry->segments[k].place == AS_FALLBACK)
			return;
	}
	atomic_store(&entry->all_on_disk, true);
}

void entry_set_lost_locked(struct entry *entry, uint32_t i,
			   enum segment_state state)
{
	assert(entry->segments[i].state == PRESENT && state != PRESENT);
	atomic_store(&entry->all_on_disk, false);
	entry->segments[i].state = state;
	entry->present--;
}

static void found(void *context, uint32_t i, uint64_t checksum)
{
	struct entry *entry = context;
	struct stored_segment *segment = &entry->segments[i];
	auto_lock(&entry->lock);

	if (segment->state == ABSENT && !segment->distrust) {
		segment->state = FOUND;
		segment->place = ON_DISK;
		segment->checksum = checksum;
	}
}

int entry_disk(struct entry *entry, bool create, struct disk **out)
{
	const struct entry_layout layout = entry_layout_of(entry);
	struct disk *disk = atomic_load(&entry->disk);
	struct disk *none = NULL;
	int r;

	if (disk) {
		*out = disk;
		return 0;
	}
	r = disk_open(entry->store->entries, &entry->key, &layout, create,
		      &disk);
	if (r < 0)
		return r;
	if (!atomic_compare_exchange_strong(&entry->disk, &none, disk)) {
		disk_close(disk); /* another thread was first */
		disk = none;
	} else if (disk->map >= 0) {
		map_each(disk->map, entry->count, found, entry);
	}
	*out = disk;
	return 0;
}

void entry_forget_record(struct entry *entry, uint32_t i)
{
	struct disk *disk = atomic_load(&entry->disk);

	/* If this fails, distrust keeps the record from being used again. */
	if (disk && disk->map >= 0)
		(void)map_clear(disk->map, i);
}

static void distrust_segment_locked(struct entry *entry, uint32_t i)
{
	struct stored_segment *segment = &entry->segments[i];

	if (segment->place != ON_DISK || entry_segment_size(entry, i) == 0)
		return;
	if (segment->state == PRESENT)
		entry_set_lost_locked(entry, i, FOUND);
	else if (segment->state == FILLING)
		segment->fill->suspect = true;
}

void entry_distrust(struct entry *entry, struct disk *disk)
{
	pthread_mutex_lock(&entry->lock);
	atomic_fetch_add(&entry->generation, 1);
	for (uint32_t i = 0; i < entry->count; i++)
		distrust_segment_locked(entry, i);
	pthread_mutex_unlock(&entry->lock);
	/* If this fails, reads are short again and come back here. */
	(void)!ftruncate(disk->payload, (off_t)entry_size(entry));
}

static void free_entry(struct entry *entry)
{
	pthread_mutex_destroy(&entry->lock);
	free(entry->starts);
	free(entry->label);
	free(entry);
}

static struct entry *make_entry(struct store *store, const struct key *key,
				const struct entry_layout *layout)
{
	size_t starts = ((size_t)layout->count + 1) * sizeof(*layout->starts);
	struct entry *entry = calloc(
		1, sizeof(*entry) + layout->count * sizeof(*entry->segments));

	if (!entry)
		return NULL;
	pthread_mutex_init(&entry->lock, NULL);
	entry->starts = malloc(starts);
	if (layout->label)
		entry->label = strdup(layout->label);
	if (!entry->starts || !entry->label != !layout->label) {
		free_entry(entry);
		return NULL;
	}
	memcpy(entry->starts, layout->starts, starts);
	entry->key = *key;
	entry->store = store;
	entry->count = layout->count;
	atomic_init(&entry->refs, 1);
	return entry;
}

/* Segments without bytes need not be made. */
static void set_empty_ones_present(struct entry *entry)
{
	auto_lock(&entry->lock);

	for (uint32_t i = 0; i < entry->count; i++) {
		if (entry_segment_size(entry, i) == 0)
			entry_set_present_locked(entry, i);
	}
}

/* Nobody else knows the entry any more. */
static void destroy_entry(struct entry *entry)
{
	struct store *store = entry->store;
	struct disk *disk = atomic_load(&entry->disk);

	for (uint32_t i = 0; i < entry->count; i++) {
		if (entry->segments[i].fill)
			entry_abort(entry, i);
		fallbacks_give_back(&store->fallbacks,
				    &entry->segments[i].fallback);
	}
	if (disk)
		disk_touch(disk); /* it was in use until now */
	disk_close(disk);
	if (disk)
		space_unstick(&store->evict.space);
	free_entry(entry);
}

static bool same_layout(const struct entry *entry,
			const struct entry_layout *layout)
{
	return entry->count == layout->count &&
	       memcmp(entry->starts, layout->starts,
		      ((size_t)entry->count + 1) * sizeof(*entry->starts)) == 0;
}

static int open_new(struct store *store, const struct key *key,
		    const struct entry_layout *layout, struct entry **out)
{
	struct entry *entry = make_entry(store, key, layout);
	struct disk *disk;

	if (!entry)
		return -ENOMEM;
	set_empty_ones_present(entry);
	/* Without files everything is absent, whatever the reason. */
	(void)entry_disk(entry, false, &disk);
	*out = table_add(&store->table, entry);
	if (*out != entry)
		destroy_entry(entry);
	else
		count(entries_opened);
	return 0;
}

int entry_open(struct store *store, const struct key *key,
	       const struct entry_layout *layout, struct entry **out)
{
	struct entry *entry;
	struct disk *disk;
	int r;

	if (!map_layout_is_valid(layout))
		return -EINVAL;
	entry = table_find(&store->table, key);
	if (!entry && (r = open_new(store, key, layout, &entry)) < 0)
		return r;
	if (!same_layout(entry, layout)) {
		entry_unref(entry);
		return -EINVAL;
	}
	disk = atomic_load(&entry->disk);
	if (disk)
		disk_touch(disk);
	*out = entry;
	return 0;
}

struct entry *entry_ref(struct entry *entry)
{
	atomic_fetch_add_explicit(&entry->refs, 1, memory_order_relaxed);
	return entry;
}

void entry_unref(struct entry *entry)
{
	if (entry && table_drop(&entry->store->table, entry))
		destroy_entry(entry);
}
