/*
 * Maps. Making one is idempotent: header and starts are functions of the
 * layout. The header is written first, then what follows the records, so that
 * records which another process has written meanwhile are left alone. Two
 * processes that open an entry under different labels each write theirs; its
 * checksum tells whether it is whole. A map with a foreign header is unlinked
 * rather than overwritten: whoever has it open keeps it.
 */
#include "cache/disk/map.h"

#include "base/cleanup.h"
#include "cache/io.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define VERSION 2
#define COUNT_MAX (1u << 24) /* segments: half a year of music */
#define TRIES 3

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

struct label_block {
	char text[LABEL_ROOM];
	uint64_t checksum;
};

static_assert(sizeof(struct label_block) == 512, "the label's room");

static uint64_t record_at(uint32_t segment)
{
	return sizeof(struct header) +
	       (uint64_t)segment * sizeof(struct record);
}

static bool record_holds(const struct record *record)
{
	return record->mark == ~record->checksum;
}

static size_t starts_size(uint32_t count)
{
	return ((size_t)count + 1) * sizeof(uint64_t);
}

/* The starts lie after the last record. */
static uint64_t label_at(uint32_t count)
{
	return record_at(count) + starts_size(count);
}

static uint64_t file_size(uint32_t count)
{
	return label_at(count) + sizeof(struct label_block);
}

static struct header header_of(const struct entry_layout *layout)
{
	size_t size = starts_size(layout->count);

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
	return (file_size(count) + IO_BLOCK - 1) / IO_BLOCK * IO_BLOCK;
}

bool map_layout_is_valid(const struct entry_layout *layout)
{
	if (layout->count == 0 || layout->starts[0] != 0 ||
	    layout->starts[layout->count] > INT64_MAX)
		return false;
	for (uint32_t i = 0; i < layout->count; i++) {
		if (layout->starts[i] > layout->starts[i + 1])
			return false;
	}
	return true;
}

/* Whether these bytes are there. */
static bool holds(int map, const void *bytes, size_t size, uint64_t offset)
{
	char there[1024];

	for (size_t at = 0; at < size; at += sizeof(there)) {
		size_t n =
			size - at < sizeof(there) ? size - at : sizeof(there);

		if (io_read(map, there, n, offset + at) != (ssize_t)n ||
		    memcmp(there, (const char *)bytes + at, n) != 0)
			return false;
	}
	return true;
}

/* Restores what was lost, as in a power failure. */
static int prepare_starts(int map, const struct entry_layout *layout)
{
	size_t size = starts_size(layout->count);
	uint64_t at = record_at(layout->count);

	if (holds(map, layout->starts, size, at))
		return 0;
	return io_write(map, layout->starts, size, at);
}

static bool label_holds(const struct label_block *block)
{
	return block->checksum == XXH3_64bits(block->text, LABEL_ROOM);
}

static int prepare_label(int map, const struct entry_layout *layout)
{
	uint64_t at = label_at(layout->count);
	struct label_block right, block;

	if (!layout->label &&
	    io_read(map, &block, sizeof(block), at) == sizeof(block) &&
	    label_holds(&block))
		return 0;
	label_fit(layout->label, right.text);
	right.checksum = XXH3_64bits(right.text, LABEL_ROOM);
	if (holds(map, &right, sizeof(right), at))
		return 0;
	return io_write(map, &right, sizeof(right), at);
}

/* All but the header. */
static int prepare_rest(int map, const struct entry_layout *layout)
{
	uint64_t size = file_size(layout->count);
	struct stat st;
	int r = prepare_starts(map, layout);

	if (r < 0)
		return r;
	r = prepare_label(map, layout);
	if (fstat(map, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size > size && ftruncate(map, (off_t)size) < 0)
		return -errno;
	/* segments can be used even if the label is old */
	return (uint64_t)st.st_size >= size ? 0 : r;
}

/* 0: the map is as it should be; -EPROTO: it belongs to something else. */
static int prepare_map(int map, const struct entry_layout *layout)
{
	const struct header right = header_of(layout);
	struct header header;
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
	return prepare_rest(map, layout);
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
	r = prepare_map(map, layout);
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

/* The header of a map whose file has the size that it says; -EBADMSG. */
static int read_header(int map, struct header *header)
{
	static const char magic[8] = {'g', 'r', 'v', 'f', 's', 'm', 'a', 'p'};
	struct stat st;
	ssize_t n = io_read(map, header, sizeof(*header), 0);

	if (n < 0)
		return (int)n;
	if (fstat(map, &st) < 0)
		return -errno;
	if (n != sizeof(*header) || !S_ISREG(st.st_mode) ||
	    memcmp(header->magic, magic, sizeof(magic)) != 0 ||
	    header->version != VERSION || header->count > COUNT_MAX ||
	    (uint64_t)st.st_size != file_size(header->count))
		return -EBADMSG;
	return 0;
}

static int read_starts(int map, const struct header *header, uint64_t **out)
{
	size_t size = starts_size(header->count);
	auto_free uint64_t *starts = malloc(size);
	const struct entry_layout layout = {header->count, starts, NULL};
	struct header right;
	ssize_t n;

	if (!starts)
		return -ENOMEM;
	n = io_read(map, starts, size, record_at(header->count));
	if (n < 0)
		return (int)n;
	if (n != (ssize_t)size || !map_layout_is_valid(&layout))
		return -EBADMSG;
	right = header_of(&layout);
	if (memcmp(header, &right, sizeof(right)) != 0)
		return -EBADMSG;
	*out = steal_ptr(starts);
	return 0;
}

/* A map that is just being written may be seen half: it is read again. */
static void read_label(int map, uint32_t count, struct label *label)
{
	static const char none[LABEL_ROOM];
	struct label_block block;

	for (int i = 0; i < TRIES; i++) {
		if (io_read(map, &block, sizeof(block), label_at(count)) ==
			    sizeof(block) &&
		    label_holds(&block)) {
			label_parse(block.text, label);
			return;
		}
	}
	label_parse(none, label);
}

int map_read(int map, struct map_contents *contents)
{
	struct header header;
	uint64_t *starts = NULL;
	int r = read_header(map, &header);

	if (r == 0)
		r = read_starts(map, &header, &starts);
	if (r < 0)
		return r;
	contents->count = header.count;
	contents->starts = starts;
	read_label(map, header.count, &contents->label);
	return 0;
}

void map_contents_release(struct map_contents *contents)
{
	free(contents->starts);
	contents->starts = NULL;
}
