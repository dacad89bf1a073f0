/*
 * A cache that nobody uses, with two entries, and what tests of
 * cache/disk/inspect.h do to it.
 */
#ifndef TESTS_UNIT_INSPECT_FIXTURE_H
#define TESTS_UNIT_INSPECT_FIXTURE_H

#include "entry_bytes.h"

struct fixture {
	char *directory;
	struct store *store; /* NULL: nobody uses the cache */
	struct inspection in;
	unsigned bad;
	uint32_t last_bad;
};

static inline struct entry *open_labeled(struct store *store, unsigned number,
					 const char *label)
{
	const struct entry_layout layout = {BYTES_COUNT, bytes_starts, label};
	struct key key = bytes_key(number);
	struct entry *entry;

	assert_int_equal(entry_open(store, &key, &layout, &entry), 0);
	return entry;
}

/* 1 is whole, of 2 segments 0 and 2 are there. */
static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct entry *entry;

	f->directory = scratch_make();
	f->store = bytes_store(f->directory);
	f->in.entries = -1;
	entry = open_labeled(f->store, 1, "low\tB/one.flac");
	assert_int_equal(bytes_render_all(entry, 1), 0);
	entry_unref(entry);
	entry = open_labeled(f->store, 2, "tag\tA/two.flac");
	assert_int_equal(bytes_render(entry, 2, 0), 0);
	assert_int_equal(bytes_render(entry, 2, 2), 0);
	entry_unref(entry);
	store_destroy(f->store);
	f->store = NULL;
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	inspect_release(&f->in);
	store_destroy(f->store);
	scratch_remove(f->directory);
	free(f);
	return 0;
}

static inline void look(struct fixture *f)
{
	inspect_release(&f->in);
	assert_int_equal(inspect_open(&f->in, f->directory), 0);
}

static inline const struct inspect_entry *find(struct fixture *f,
					       unsigned number)
{
	struct key key = bytes_key(number);

	for (size_t i = 0; i < f->in.count; i++) {
		if (memcmp(&f->in.items[i].key, &key, sizeof(key)) == 0)
			return &f->in.items[i];
	}
	return NULL;
}

static inline void on_bad(void *context, uint32_t segment, bool cleared)
{
	struct fixture *f = context;

	(void)cleared;
	f->bad++;
	f->last_bad = segment;
}

static inline int check_entry(struct fixture *f, unsigned number, bool repair,
			      struct inspect_check *check)
{
	bool removed;

	*check = (struct inspect_check){0};
	f->bad = 0;
	return inspect_check(&f->in, find(f, number), repair, on_bad, f, check,
			     &removed);
}

static inline void flip(struct fixture *f, unsigned number, const char *suffix,
			off_t at)
{
	int fd = bytes_file(f->directory, number, suffix);
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static inline bool exists(struct fixture *f, unsigned number,
			  const char *suffix)
{
	char *path = bytes_path(f->directory, number, suffix);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static inline void drop(struct fixture *f, unsigned number, const char *suffix)
{
	char *path = bytes_path(f->directory, number, suffix);

	assert_int_equal(unlink(path), 0);
	free(path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
