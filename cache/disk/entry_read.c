/*
 * Reading an entry. The lock is taken to look at one segment's state and
 * released for the read; what was read only counts if the payload was not found
 * truncated meanwhile. A segment that this process did not write is read as a
 * whole once, to compare its checksum, before any byte of it is given out.
 */
#include "cache/disk/entry_private.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "cache/io.h"

/* What is present of a segment. */
struct segment_view {
	enum segment_state state;
	enum segment_place place;
	uint64_t end; /* of the bytes that may be read */
	uint64_t checksum;
	unsigned generation;
};

static struct segment_view view_locked(struct entry *entry, uint32_t i)
{
	enum segment_state state = entry_state_locked(entry, i);
	const struct stored_segment *segment = &entry->segments[i];
	struct segment_view view = {
		.state = state,
		.place = segment->place,
		.end = entry->starts[i],
		.checksum = segment->checksum,
		.generation = atomic_load(&entry->generation),
	};

	if (view.state == PRESENT || view.state == FOUND)
		view.end = entry->starts[i + 1];
	else if (view.state == FILLING && !segment->fill->suspect)
		view.end += segment->fill->appended;
	return view;
}

/* FOUND -> PRESENT or ABSENT; false when another thread was faster. */
static bool judge(struct entry *entry, uint32_t i,
		  const struct segment_view *view, int verdict, bool *warn)
{
	struct stored_segment *segment = &entry->segments[i];
	auto_lock(&entry->lock);
	bool mine = segment->state == FOUND &&
		    atomic_load(&entry->generation) == view->generation;

	if (mine && verdict == 1) {
		entry_set_present_locked(entry, i);
	} else if (mine) {
		segment->state = ABSENT;
		segment->place = NOWHERE;
		segment->distrust = true;
		segment->avoid_disk = verdict < 0;
		*warn = !entry->warned;
		entry->warned = true;
	}
	return mine;
}

/* 0: check again; -ENOMEM. */
static int verify(struct entry *entry, uint32_t i,
		  const struct segment_view *view)
{
	int payload = atomic_load(&entry->disk)->payload;
	int verdict = disk_check(payload, entry->starts[i],
				 entry->starts[i + 1], view->checksum);
	char text[KEY_TEXT_SIZE];
	bool warn = false;

	if (verdict == -ENOMEM)
		return verdict;
	if (!judge(entry, i, view, verdict, &warn))
		return 0;
	if (verdict == 1) {
		count(segments_found);
		return 0;
	}
	count(segments_corrupt);
	entry_forget_record(entry, i);
	if (warn) {
		key_text(&entry->key, text);
		log_warn("segment %u of cache entry %s is damaged and will be "
			 "rendered again",
			 i, text);
	}
	return 0;
}

/* A read from the disk gave less than there should be, or -errno. */
static void lose(struct entry *entry, uint32_t i, bool error)
{
	struct disk *disk = atomic_load(&entry->disk);
	struct stored_segment *segment = &entry->segments[i];
	bool on_disk, lost;

	if (disk_is_cut(disk, entry_size(entry))) {
		entry_distrust(entry, disk);
		return;
	}
	pthread_mutex_lock(&entry->lock);
	on_disk = segment->place == ON_DISK;
	lost = on_disk && segment->state == PRESENT;
	if (lost) {
		entry_set_lost_locked(entry, i, ABSENT);
		segment->place = NOWHERE;
		segment->distrust = true;
		segment->avoid_disk = error;
	} else if (on_disk && segment->state == FILLING) {
		segment->fill->suspect = true;
	}
	pthread_mutex_unlock(&entry->lock);
	if (lost)
		entry_forget_record(entry, i);
}

static ssize_t read_disk(struct entry *entry, uint32_t i,
			 const struct segment_view *view, uint64_t offset,
			 void *buffer, size_t size)
{
	int payload = atomic_load(&entry->disk)->payload;
	ssize_t n = io_read(payload, buffer, size, offset);

	if (n != (ssize_t)size) {
		lose(entry, i, n < 0);
		return -EAGAIN;
	}
	if (atomic_load(&entry->generation) != view->generation)
		return -EAGAIN;
	return n;
}

/*
 * Reads from the one segment that holds `offset`: bytes, 0: none are present,
 * -EAGAIN: check again, -ENOMEM.
 */
static ssize_t read_segment(struct entry *entry, uint64_t offset, void *buffer,
			    size_t size)
{
	uint32_t i = entry_segment_at(entry, offset);
	struct segment_view view;
	int r;

	pthread_mutex_lock(&entry->lock);
	view = view_locked(entry, i);
	if (view.end <= offset)
		size = 0;
	else if (view.end - offset < size)
		size = (size_t)(view.end - offset);
	if (view.place == AS_FALLBACK && size > 0)
		buffer_read(entry->segments[i].fallback->bytes,
			    offset - entry->starts[i], buffer, size);
	pthread_mutex_unlock(&entry->lock);
	if (size == 0 || view.place == AS_FALLBACK)
		return (ssize_t)size;
	if (view.state != FOUND)
		return read_disk(entry, i, &view, offset, buffer, size);
	r = verify(entry, i, &view);
	return r < 0 ? r : -EAGAIN;
}

static bool read_unlocked(struct entry *entry, uint64_t offset, void *buffer,
			  size_t size)
{
	unsigned generation = atomic_load(&entry->generation);
	struct disk *disk = atomic_load(&entry->disk);

	if (!atomic_load(&entry->all_on_disk) || !disk)
		return false;
	return io_read(disk->payload, buffer, size, offset) == (ssize_t)size &&
	       atomic_load(&entry->generation) == generation;
}

ssize_t entry_read(struct entry *entry, uint64_t offset, void *buffer,
		   size_t size)
{
	size_t done = 0;

	if (offset >= entry_size(entry))
		return 0;
	if (size > entry_size(entry) - offset)
		size = (size_t)(entry_size(entry) - offset);
	if (read_unlocked(entry, offset, buffer, size))
		return (ssize_t)size;
	while (done < size) {
		ssize_t n = read_segment(entry, offset + done,
					 (uint8_t *)buffer + done, size - done);

		if (n == -EAGAIN)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool covers_locked(struct entry *entry, uint64_t offset, uint64_t end)
{
	while (offset < end) {
		uint32_t i = entry_segment_at(entry, offset);
		struct segment_view view = view_locked(entry, i);

		if (view.end <= offset)
			return false;
		offset = view.end;
	}
	return true;
}

bool entry_covers(struct entry *entry, uint64_t offset, uint64_t size)
{
	if (size == 0 || atomic_load(&entry->all_on_disk))
		return true;
	if (offset > entry_size(entry) || size > entry_size(entry) - offset)
		return false;
	auto_lock(&entry->lock);
	return covers_locked(entry, offset, offset + size);
}

bool entry_has(struct entry *entry, uint32_t i)
{
	enum segment_state state;

	if (atomic_load(&entry->all_on_disk))
		return true;
	auto_lock(&entry->lock);
	state = entry_state_locked(entry, i);
	return state == PRESENT || state == FOUND;
}

uint32_t entry_there(struct entry *entry)
{
	uint32_t there = 0;

	if (atomic_load(&entry->all_on_disk))
		return entry->count;
	auto_lock(&entry->lock);
	for (uint32_t i = 0; i < entry->count; i++) {
		enum segment_state state = entry_state_locked(entry, i);

		there += state == PRESENT || state == FOUND;
	}
	return there;
}

bool entry_complete(struct entry *entry)
{
	return entry_there(entry) == entry->count;
}

bool entry_is_fallback(struct entry *entry, uint32_t i)
{
	auto_lock(&entry->lock);

	return entry->segments[i].place == AS_FALLBACK;
}
