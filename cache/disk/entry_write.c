/*
 * Writing an entry. A claimed segment belongs to its claimant until commit or
 * abort; readers follow what was appended. Its first byte decides where all of
 * the segment goes: to the payload file if there is room and the disk takes it,
 * otherwise to memory. If the disk refuses in the middle of a segment, what it
 * took is read back and goes to memory, too.
 */
#include "cache/disk/entry_private.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "cache/disk/map.h"
#include "cache/io.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

static void free_fill(struct fill *fill)
{
	if (!fill)
		return;
	XXH3_freeState(fill->hash);
	free(fill);
}

static struct fill *make_fill(void)
{
	struct fill *fill = calloc(1, sizeof(*fill));

	if (!fill)
		return NULL;
	fill->hash = XXH3_createState();
	if (!fill->hash) {
		free(fill);
		return NULL;
	}
	XXH3_64bits_reset(fill->hash);
	return fill;
}

static int claimable_locked(struct entry *entry, uint32_t i)
{
	switch (entry_state_locked(entry, i)) {
	case ABSENT:
		return 0;
	case FILLING:
		return -EALREADY;
	default:
		return -EEXIST;
	}
}

/* Whether the map now says that another process has made the segment. */
static bool look_again(struct entry *entry, uint32_t i, uint64_t *checksum)
{
	struct disk *disk;

	return entry_disk(entry, false, &disk) == 0 && disk->map >= 0 &&
	       map_get(disk->map, i, checksum) == 0;
}

static int claim_locked(struct entry *entry, uint32_t i, bool recorded,
			uint64_t checksum, struct fill **fill)
{
	struct stored_segment *segment = &entry->segments[i];
	int r = claimable_locked(entry, i);

	if (r < 0)
		return r;
	if (recorded && !segment->distrust) {
		segment->state = FOUND;
		segment->place = ON_DISK;
		segment->checksum = checksum;
		return -EEXIST;
	}
	segment->state = FILLING;
	segment->place = NOWHERE;
	segment->fill = steal_ptr(*fill);
	return 0;
}

int entry_begin(struct entry *entry, uint32_t i)
{
	struct fill *fill;
	uint64_t checksum = 0;
	bool recorded;
	int r;

	assert(i < entry->count);
	pthread_mutex_lock(&entry->lock);
	r = claimable_locked(entry, i);
	pthread_mutex_unlock(&entry->lock);
	if (r < 0)
		return r;
	recorded = look_again(entry, i, &checksum);
	fill = make_fill();
	if (!fill)
		return -ENOMEM;
	pthread_mutex_lock(&entry->lock);
	r = claim_locked(entry, i, recorded, checksum, &fill);
	pthread_mutex_unlock(&entry->lock);
	free_fill(fill);
	return r;
}

/* In whole blocks, including the map's if there is none yet. */
static uint64_t room_for(struct entry *entry, uint32_t i)
{
	uint64_t first = entry->starts[i] / IO_BLOCK * IO_BLOCK;
	uint64_t end =
		(entry->starts[i + 1] + IO_BLOCK - 1) / IO_BLOCK * IO_BLOCK;
	bool files = atomic_load(&entry->disk) != NULL;

	return end - first + (files ? 0 : map_room(entry->count));
}

static int take_disk(struct entry *entry, uint32_t i)
{
	struct space *space = &entry->store->evict.space;
	uint64_t room = room_for(entry, i);
	struct disk *disk;
	int r = evict_reserve(&entry->store->evict, room);

	if (r < 0)
		return r;
	r = entry_disk(entry, true, &disk);
	if (r < 0) {
		space_give_back(space, room);
		return r;
	}
	entry->segments[i].fill->taken = room;
	auto_lock(&entry->lock);
	entry->segments[i].place = ON_DISK;
	return 0;
}

/* Reads back what the disk took; -EAGAIN: it cannot be read. */
static int read_back(struct entry *entry, uint32_t i, struct fallback *fallback)
{
	struct fill *fill = entry->segments[i].fill;
	struct disk *disk = atomic_load(&entry->disk);
	size_t size = (size_t)fill->appended;
	bool suspect;

	if (size == 0)
		return 0;
	if (io_read(disk->payload, buffer_bytes(fallback->bytes), size,
		    entry->starts[i]) != (ssize_t)size)
		return -EAGAIN;
	auto_lock(&entry->lock);
	suspect = fill->suspect;
	return suspect ? -EAGAIN : 0;
}

static int move_to_fallback(struct entry *entry, uint32_t i)
{
	struct fallbacks *fallbacks = &entry->store->fallbacks;
	uint64_t size = entry_segment_size(entry, i);
	struct fallback *fallback = fallbacks_take(fallbacks, (size_t)size);
	int r;

	if (!fallback)
		return -ENOMEM;
	r = read_back(entry, i, fallback);
	if (r < 0) {
		entry->segments[i].avoid_disk = true;
		fallbacks_give_back(fallbacks, &fallback);
		return r;
	}
	pthread_mutex_lock(&entry->lock);
	entry->segments[i].fallback = fallback;
	entry->segments[i].place = AS_FALLBACK;
	pthread_mutex_unlock(&entry->lock);
	count(segments_in_memory);
	return 0;
}

static int choose_place(struct entry *entry, uint32_t i)
{
	int r = entry->segments[i].avoid_disk ? -EIO : take_disk(entry, i);

	if (r == 0)
		return 0;
	if (r != -EAGAIN) /* readers do not wait for the scan of the cache */
		store_refused(entry->store, r);
	return move_to_fallback(entry, i);
}

static int append_to_disk(struct entry *entry, uint32_t i, const void *bytes,
			  size_t size)
{
	struct disk *disk = atomic_load(&entry->disk);
	uint64_t at = entry->starts[i] + entry->segments[i].fill->appended;
	int r;

	if (disk_is_cut(disk, entry_size(entry)))
		entry_distrust(entry, disk);
	r = io_write(disk->payload, bytes, size, at);
	if (r < 0)
		store_refused(entry->store, r);
	return r;
}

static int put_bytes(struct entry *entry, uint32_t i, const void *bytes,
		     size_t size)
{
	struct stored_segment *segment = &entry->segments[i];
	int r = 0;

	if (segment->place == NOWHERE)
		r = choose_place(entry, i);
	if (r == 0 && segment->place == ON_DISK &&
	    append_to_disk(entry, i, bytes, size) < 0)
		r = move_to_fallback(entry, i);
	if (r == 0 && segment->place == AS_FALLBACK)
		buffer_write(segment->fallback->bytes, segment->fill->appended,
			     bytes, size);
	return r;
}

int entry_append(struct entry *entry, uint32_t i, const void *bytes,
		 size_t size)
{
	struct fill *fill = entry->segments[i].fill;
	int r;

	assert(i < entry->count && fill);
	if (size > entry_segment_size(entry, i) - fill->appended)
		return -EFBIG;
	if (size == 0)
		return 0;
	r = put_bytes(entry, i, bytes, size);
	if (r < 0)
		return r;
	XXH3_64bits_update(fill->hash, bytes, size);
	auto_lock(&entry->lock);
	fill->appended += size;
	return 0;
}

static void end_fill(struct entry *entry, struct fill *fill)
{
	space_settle(&entry->store->evict.space, fill->taken);
	free_fill(fill);
}

/* All bytes of the segment are present: the last step of a commit. */
static void publish(struct entry *entry, uint32_t i, uint64_t checksum)
{
	struct stored_segment *segment = &entry->segments[i];
	struct fallback *fallback;
	struct fill *fill;

	pthread_mutex_lock(&entry->lock);
	fill = steal_ptr(segment->fill);
	fallback = segment->fallback;
	segment->checksum = checksum;
	segment->distrust = false;
	if (segment->place == ON_DISK && fill->suspect)
		segment->state = FOUND;
	else
		entry_set_present_locked(entry, i);
	pthread_mutex_unlock(&entry->lock);
	if (fallback)
		fallbacks_offer(&entry->store->fallbacks, fallback,
				&segment->fallback, &entry->lock);
	end_fill(entry, fill);
}

/* If this fails, only this process knows the segment. */
static void record(struct entry *entry, uint32_t i, uint64_t checksum)
{
	const struct entry_layout layout = entry_layout_of(entry);
	struct store *store = entry->store;
	struct disk *disk = atomic_load(&entry->disk);
	int map = disk_map(disk, store->entries, &entry->key, &layout);
	int r = map < 0 ? map : map_set(map, i, checksum);

	if (r < 0)
		store_refused(store, r);
}

static int commit(struct entry *entry, uint32_t i, bool keep)
{
	struct stored_segment *segment = &entry->segments[i];
	uint64_t checksum;

	assert(i < entry->count && segment->fill);
	if (segment->fill->appended < entry_segment_size(entry, i)) {
		entry_abort(entry, i);
		return -EIO;
	}
	checksum = XXH3_64bits_digest(segment->fill->hash);
	if (segment->place == ON_DISK && keep)
		record(entry, i, checksum);
	publish(entry, i, checksum);
	return 0;
}

int entry_commit(struct entry *entry, uint32_t i)
{
	return commit(entry, i, true);
}

int entry_commit_for_now(struct entry *entry, uint32_t i)
{
	atomic_store(&entry->for_now, true);
	return commit(entry, i, false);
}

bool entry_is_for_now(const struct entry *entry)
{
	return atomic_load(&entry->for_now);
}

void entry_abort(struct entry *entry, uint32_t i)
{
	struct stored_segment *segment = &entry->segments[i];
	struct fallback *fallback;
	struct fill *fill;

	assert(i < entry->count && segment->fill);
	pthread_mutex_lock(&entry->lock);
	fill = steal_ptr(segment->fill);
	fallback = steal_ptr(segment->fallback);
	segment->state = ABSENT;
	segment->place = NOWHERE;
	pthread_mutex_unlock(&entry->lock);
	fallbacks_give_back(&entry->store->fallbacks, &fallback);
	end_fill(entry, fill);
}
