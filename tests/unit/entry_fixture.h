/*
 * A store with one open entry, number 1, and what tests do to its files.
 */
#ifndef TESTS_UNIT_ENTRY_FIXTURE_H
#define TESTS_UNIT_ENTRY_FIXTURE_H

#include "entry_bytes.h"

struct fixture {
	char *directory;
	struct store *store;
	struct entry *entry; /* number 1 */
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = scratch_make();
	f->store = bytes_store(f->directory);
	f->entry = bytes_open(f->store, 1);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	entry_unref(f->entry);
	store_destroy(f->store);
	scratch_remove(f->directory);
	free(f);
	return 0;
}

static inline void close_all(struct fixture *f)
{
	entry_unref(f->entry);
	store_destroy(f->store);
	f->entry = NULL;
	f->store = NULL;
}

static inline void open_all(struct fixture *f)
{
	f->store = bytes_store(f->directory);
	f->entry = bytes_open(f->store, 1);
}

static inline void reopen(struct fixture *f)
{
	close_all(f);
	open_all(f);
}

static inline void cut_payload(struct fixture *f, off_t size)
{
	int fd = bytes_file(f->directory, 1, "data");

	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static inline void remove_file(struct fixture *f, const char *suffix)
{
	char *path = bytes_path(f->directory, 1, suffix);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static inline void flip_byte(struct fixture *f, off_t at)
{
	int fd = bytes_file(f->directory, 1, "data");
	uint8_t byte = (uint8_t)(bytes_at(1, (uint64_t)at) ^ 0x10);

	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
