/* The bounds of the disk, at every moment. */
#include "entry_bytes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/statvfs.h>

/* An entry's blocks on disk are at most this. */
#define ENTRY_ROOM (BYTES_SIZE + 8 * 4096)

static bool on_disk(const char *directory, unsigned number)
{
	char *path = bytes_path(directory, number, "data");
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* Room for `entries`, and segments in memory as a last resort. */
static struct store *bounded(const char *directory, unsigned entries)
{
	return bytes_store_with(
		directory,
		(struct store_limits){.size = (uint64_t)entries * ENTRY_ROOM,
				      .fallback = 4 << 20});
}

static uint64_t free_on(const char *path)
{
	struct statvfs vfs;

	assert_int_equal(statvfs(path, &vfs), 0);
	return (uint64_t)vfs.f_bavail * vfs.f_frsize;
}

struct writer {
	struct store *store;
	unsigned first;
	bool failed;
	atomic_int *running;
};

static void *write_entries(void *argument)
{
	struct writer *w = argument;
	struct key key;
	struct entry *entry;

	for (unsigned n = w->first; n < w->first + 20 && !w->failed; n++) {
		key = bytes_key(n);
		if (entry_open(w->store, &key, &bytes_layout, &entry) < 0) {
			w->failed = true;
			break;
		}
		w->failed = bytes_render_all(entry, n) < 0 ||
			    bytes_check(entry, n) < 0;
		entry_unref(entry);
	}
	atomic_fetch_sub(w->running, 1);
	return NULL;
}

/*
 * What is on disk is the file system's to say: to walk the directory while
 * others write would add what was never there together.
 */
static void the_size_limit_holds_while_four_threads_write(void **state)
{
	char *directory = scratch_make();
	struct writer writers[4];
	pthread_t threads[4];
	atomic_int running = 4;
	struct store *store;
	uint64_t before, least;

	(void)state;
	if (!scratch_mount(directory, "size=16m")) {
		scratch_remove(directory);
		skip();
	}
	store = bounded(directory, 6);
	before = least = free_on(directory);
	for (unsigned i = 0; i < 4; i++) {
		writers[i] = (struct writer){store, i * 100, false, &running};
		assert_int_equal(pthread_create(&threads[i], NULL,
						write_entries, &writers[i]),
				 0);
	}
	while (atomic_load(&running) > 0) {
		uint64_t bytes = free_on(directory);

		least = bytes < least ? bytes : least;
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(writers[i].failed);
	}
	print_message("# most bytes: %llu of %llu\n",
		      (unsigned long long)(before - least), 6ull * ENTRY_ROOM);
	assert_true(before - least <= 6 * ENTRY_ROOM);
	assert_true(before - least > 3 * ENTRY_ROOM);
	store_destroy(store);
	assert_int_equal(umount(directory), 0);
	scratch_remove(directory);
}

static void the_free_space_asked_for_stays_free(void **state)
{
	char *directory = scratch_make();
	const struct store_limits limits = {.min_free = 2 << 20,
					    .fallback = 1 << 20};
	struct store *store;

	(void)state;
	if (!scratch_mount(directory, "size=4m")) {
		scratch_remove(directory);
		skip();
	}
	store = bytes_store_with(directory, limits);
	for (unsigned n = 1; n <= 30; n++) {
		bytes_put(store, n);
		facts_flush(store_facts(store));
		assert_true(free_on(directory) >= limits.min_free);
	}
	assert_true(on_disk(directory, 30));
	assert_false(on_disk(directory, 1));
	store_destroy(store);
	assert_int_equal(umount(directory), 0);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_size_limit_holds_while_four_threads_write),
		cmocka_unit_test(the_free_space_asked_for_stays_free),
	};

	return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
