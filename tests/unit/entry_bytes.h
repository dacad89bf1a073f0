/*
 * Entries for tests: every byte is a function of its key's number and its
 * offset, so that any byte that is read can be judged.
 */
#ifndef TESTS_UNIT_ENTRY_BYTES_H
#define TESTS_UNIT_ENTRY_BYTES_H

#include "cache/cache.h"

#include "scratch.h"

static const uint64_t bytes_starts[] = {0,     5000,  5000,  20000,
					70000, 70001, 200000};
#define BYTES_COUNT 6
#define BYTES_SIZE 200000
static const struct entry_layout bytes_layout = {BYTES_COUNT, bytes_starts,
						 NULL};

static inline uint8_t bytes_at(unsigned number, uint64_t offset)
{
	uint64_t mixed = (offset + 1) * 0x9e3779b97f4a7c15u ^ number * 77u;

	return (uint8_t)(mixed >> 40 | 1); /* never 0, as in a hole */
}

static inline struct key bytes_key(unsigned number)
{
	const struct key_part part = {&number, sizeof(number)};

	return key_of(&part, 1);
}

static inline void bytes_make(unsigned number, uint64_t offset, uint8_t *bytes,
			      size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = bytes_at(number, offset + i);
}

static inline bool bytes_right(unsigned number, uint64_t offset,
			       const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != bytes_at(number, offset + i))
			return false;
	}
	return true;
}

/* Appends bytes `at` to `end` of the segment's own count. */
static inline int bytes_append(struct entry *entry, unsigned number,
			       uint32_t segment, uint64_t at, uint64_t end)
{
	uint8_t piece[4000];
	int r = 0;

	while (r == 0 && at < end) {
		size_t size = sizeof(piece);

		if (size > end - at)
			size = (size_t)(end - at);
		bytes_make(number, entry_segment_start(entry, segment) + at,
			   piece, size);
		r = entry_append(entry, segment, piece, size);
		at += size;
	}
	return r;
}

static inline uint64_t bytes_segment_size(struct entry *entry, uint32_t segment)
{
	return entry_segment_start(entry, segment + 1) -
	       entry_segment_start(entry, segment);
}

/* Begins, appends, commits; what entry_begin() says if it says no. */
static inline int bytes_render(struct entry *entry, unsigned number,
			       uint32_t segment)
{
	int r = entry_begin(entry, segment);

	if (r < 0)
		return r;
	r = bytes_append(entry, number, segment, 0,
			 bytes_segment_size(entry, segment));
	if (r < 0) {
		entry_abort(entry, segment);
		return r;
	}
	return entry_commit(entry, segment);
}

/* Renders what is not there. */
static inline int bytes_render_all(struct entry *entry, unsigned number)
{
	for (uint32_t i = 0; i < entry_count(entry); i++) {
		int r = bytes_render(entry, number, i);

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

/*
 * Reads the whole entry in pieces: the number of bytes there are, or -1 when
 * one of them is wrong.
 */
static inline int64_t bytes_check(struct entry *entry, unsigned number)
{
	uint8_t piece[3001];
	int64_t there = 0;

	for (uint64_t at = 0; at < entry_size(entry); at += sizeof(piece)) {
		ssize_t n = entry_read(entry, at, piece, sizeof(piece));

		if (n < 0 || !bytes_right(number, at, piece, (size_t)n))
			return -1;
		there += n;
	}
	return there;
}

/*
 * As a reader goes on: what is missing is rendered, also what only a read
 * finds missing. 0, or what rendering said, or -EIO for a wrong byte.
 */
static inline int bytes_restore(struct entry *entry, unsigned number)
{
	int64_t there;
	int r;

	do {
		r = bytes_render_all(entry, number);
		there = bytes_check(entry, number);
	} while (r == 0 && there >= 0 && there < BYTES_SIZE);
	return there < 0 ? -EIO : r;
}

static inline uint64_t bytes_used(struct store *store)
{
	uint64_t used;

	while (!store_used(store, &used))
		usleep(1000);
	return used;
}

/* Its first scan is through: on a loaded machine nobody waits for it. */
static inline struct store *bytes_store_with(const char *directory,
					     struct store_limits limits)
{
	struct store *store;

	assert_int_equal(store_create(directory, &limits, &store), 0);
	(void)bytes_used(store);
	return store;
}

static inline struct store *bytes_store(const char *directory)
{
	return bytes_store_with(directory,
				(struct store_limits){.fallback = 1 << 20});
}

/* What is on disk; waits for the first scan. */
static inline struct entry *bytes_open(struct store *store, unsigned number)
{
	struct key key = bytes_key(number);
	struct entry *entry;

	assert_int_equal(entry_open(store, &key, &bytes_layout, &entry), 0);
	return entry;
}

/* The path of an entry's file, to be freed; `suffix` is "data" or "map". */
static inline char *bytes_path(const char *directory, unsigned number,
			       const char *suffix)
{
	struct key key = bytes_key(number);
	char text[KEY_TEXT_SIZE];
	char *path;

	key_text(&key, text);
	assert_true(asprintf(&path, "%s/entries/%.2s/%s.%s", directory, text,
			     text, suffix) > 0);
	return path;
}

/* Opens an entry's file for damage. */
static inline int bytes_file(const char *directory, unsigned number,
			     const char *suffix)
{
	char *path = bytes_path(directory, number, suffix);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	free(path);
	assert_true(fd >= 0);
	return fd;
}

/* Makes a whole entry on disk and closes it. */
static inline void bytes_put(struct store *store, unsigned number)
{
	struct entry *entry = bytes_open(store, number);

	assert_int_equal(bytes_render_all(entry, number), 0);
	entry_unref(entry);
}

#endif
