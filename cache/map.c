/*
 * Maps. Making one is idempotent: the header is a function of the layout, it
 * is written first and the file then brought to its length with ftruncate(2),
 * which leaves records that another process has written meanwhile alone. A
 * map with a foreign header is unlinked rather than overwritten: whoever has
 * it open keeps it.
 */
#include "cache/map.h"

#include "base/cleanup.h"
#include "cache/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define VERSION 1
#define BLOCK 4096

struct header {
	char magic[8];
	uint32_t version;
	uint32_t count;
	uint64_t size;
	uint64_t layout;
};

struct record {
	uint64_t checksum;
	uint64_t mark;
};

static uint64_t record_at(uint32_t segment)
{
	return sizeof(struct header) +
	       (uint64_t)segment * sizeof(struct record);
}

static bool record_holds(const struct record *record)
{
	return record->mark == ~record->checksum;
}

static struct header header_of(const struct entry_layout *layout)
{
	size_t size = ((size_t)layout->count + 1) * sizeof(*layout->starts);

	return (struct header){
		.magic = {'g', 'r', 'v', 'f', 's', 'm', 'a', 'p'},
		.version = VERSION,
		.count = layout->count,
		.size = layout->starts[layout->count],
		.layout = XXH3_64bits(layout->starts, size),
	};
}

uint64_t map_room(uint32_t count)
{
	return (record_at(count) + BLOCK - 1) / BLOCK * BLOCK;
}

/* 0 when the map is as it should be; -EPROTO when it is another's. */
static int prepare(int map, const struct entry_layout *layout)
{
	const struct header right = header_of(layout);
	struct header header;
	struct stat st;
	ssize_t n = io_read(map, &header, sizeof(header), 0);

	if (n < 0)
		return (int)n;
	if (n == 0) {
		int r = io_write(map, &right, sizeof(right), 0);

		if (r < 0)
			return r;
	} else if (n != sizeof(header) ||
		   memcmp(&header, &right, sizeof(right)) != 0) {
		return -EPROTO;
	}
	if (fstat(map, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size != record_at(layout->count) &&
	    ftruncate(map, (off_t)record_at(layout->count)) < 0)
		return -errno;
	return 0;
}

static int open_once(int directory, const char *name,
		     const struct entry_layout *layout)
{
	auto_fd int map =
		openat(directory, name,
		       O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (map < 0)
		return -errno;
	r = prepare(map, layout);
	return r < 0 ? r : steal_fd(&map);
}

int map_open(int directory, const char *name, const struct entry_layout *layout)
{
	int map = open_once(directory, name, layout);

	if (map != -EPROTO && map != -ELOOP)
		return map;
	if (unlinkat(directory, name, 0) < 0 && errno != ENOENT)
		return -errno;
	return open_once(directory, name, layout);
}

int map_get(int map, uint32_t segment, uint64_t *checksum)
{
	struct record record;
	ssize_t n = io_read(map, &record, sizeof(record), record_at(segment));

	if (n < 0)
		return (int)n;
	if (n != sizeof(record) || !record_holds(&record))
		return -ENOENT;
	*checksum = record.checksum;
	return 0;
}

int map_set(int map, uint32_t segment, uint64_t checksum)
{
	const struct record record = {.checksum = checksum, .mark = ~checksum};

	return io_write(map, &record, sizeof(record), record_at(segment));
}

int map_clear(int map, uint32_t segment)
{
	const struct record record = {0};

	return io_write(map, &record, sizeof(record), record_at(segment));
}

int map_each(int map, uint32_t count,
	     void (*found)(void *context, uint32_t segment, uint64_t checksum),
	     void *context)
{
	struct record records[128];
	uint32_t segment = 0;

	while (segment < count) {
		uint32_t left = count - segment;
		uint32_t wanted = left < 128 ? left : 128;
		ssize_t n = io_read(map, records, wanted * sizeof(*records),
				    record_at(segment));

		if (n < 0)
			return (int)n;
		wanted = (uint32_t)((size_t)n / sizeof(*records));
		if (wanted == 0)
			break;
		for (uint32_t i = 0; i < wanted; i++) {
			if (record_holds(&records[i]))
				found(context, segment + i,
				      records[i].checksum);
		}
		segment += wanted;
	}
	return 0;
}
