/* Eviction: who goes and who stays. */
#include "entry_bytes.h"

#include "base/counters.h"

#include <sys/wait.h>

/* An entry's blocks on disk are at most this. */
#define ENTRY_ROOM (BYTES_SIZE + 8 * 4096)

static bool on_disk(const char *directory, unsigned number)
{
	char *path = bytes_path(directory, number, "data");
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* Makes the entry look as if it was last used `seconds` ago. */
static void grow_old(const char *directory, unsigned number, time_t seconds)
{
	int fd = bytes_file(directory, number, "data");
	struct timespec times[2] = {{.tv_sec = time(NULL) - seconds},
				    {.tv_sec = time(NULL) - seconds}};

	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

/* Entries 1 to `count` on disk, 1 the least recently used. */
static char *make_entries(unsigned count)
{
	char *directory = scratch_make();
	struct store *store = bytes_store(directory);

	for (unsigned i = 1; i <= count; i++)
		bytes_put(store, i);
	store_destroy(store);
	for (unsigned i = 1; i <= count; i++)
		grow_old(directory, i, 1000 - (time_t)i);
	return directory;
}

/* Room for `entries`, and segments in memory as a last resort. */
static struct store *bounded(const char *directory, unsigned entries)
{
	return bytes_store_with(
		directory,
		(struct store_limits){.size = (uint64_t)entries * ENTRY_ROOM,
				      .fallback = 4 << 20});
}

static void the_least_recently_used_entry_goes_first(void **state)
{
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 3);

	(void)state;
	bytes_put(store, 4);
	assert_false(on_disk(directory, 1));
	assert_true(on_disk(directory, 3));
	assert_true(on_disk(directory, 4));
	store_destroy(store);
	scratch_remove(directory);
}

static void opening_an_entry_makes_it_the_most_recently_used(void **state)
{
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 3);

	(void)state;
	entry_unref(bytes_open(store, 1));
	bytes_put(store, 4);
	assert_true(on_disk(directory, 1));
	assert_false(on_disk(directory, 2));
	store_destroy(store);
	scratch_remove(directory);
}

static void an_entry_goes_with_its_map(void **state)
{
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 3);
	char *path = bytes_path(directory, 1, "map");

	(void)state;
	assert_int_equal(access(path, F_OK), 0);
	bytes_put(store, 4);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	store_destroy(store);
	scratch_remove(directory);
}

static void an_open_entry_is_not_evicted(void **state)
{
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 3);
	struct entry *open = bytes_open(store, 1);

	(void)state;
	grow_old(directory, 1, 5000);
	bytes_put(store, 4);
	assert_true(on_disk(directory, 1));
	assert_false(on_disk(directory, 2));
	assert_int_equal(bytes_check(open, 1), BYTES_SIZE);
	entry_unref(open);
	store_destroy(store);
	scratch_remove(directory);
}

struct holder {
	pid_t pid;
	int stop; /* closed: the process ends */
};

/* A process that keeps entry 1 open. */
static struct holder hold_open(const char *directory)
{
	int ready[2], stop[2];
	struct holder holder;
	char byte = 0;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stop), 0);
	holder = (struct holder){fork(), stop[1]};
	assert_true(holder.pid >= 0);
	if (holder.pid == 0) {
		struct store *store = bytes_store(directory);
		struct entry *entry = bytes_open(store, 1);

		close(stop[1]);
		if (write(ready[1], &byte, 1) != 1 ||
		    read(stop[0], &byte, 1) != 0)
			_exit(1);
		_exit(bytes_check(entry, 1) == BYTES_SIZE ? 0 : 1);
	}
	close(ready[1]);
	close(stop[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return holder;
}

static int let_go(struct holder *holder)
{
	int status;

	close(holder->stop);
	assert_int_equal(waitpid(holder->pid, &status, 0), holder->pid);
	return status;
}

static void an_entry_that_another_process_reads_is_not_evicted(void **state)
{
	char *directory = make_entries(3);
	struct holder holder = hold_open(directory);
	struct store *store;

	(void)state;
	grow_old(directory, 1, 5000);
	store = bounded(directory, 3);
	bytes_put(store, 4);
	assert_true(on_disk(directory, 1));
	assert_false(on_disk(directory, 2));
	assert_int_equal(let_go(&holder), 0);
	store_destroy(store);
	scratch_remove(directory);
}

static void when_all_is_open_segments_go_to_memory(void **state)
{
	char *directory = make_entries(2);
	struct store *store = bounded(directory, 2);
	struct entry *open[] = {bytes_open(store, 1), bytes_open(store, 2)};
	struct entry *entry = bytes_open(store, 3);

	(void)state;
	assert_int_equal(bytes_render_all(entry, 3), 0);
	assert_int_equal(bytes_check(entry, 3), BYTES_SIZE);
	assert_true(bytes_used(store) <= 2 * ENTRY_ROOM);
	entry_unref(entry);
	entry_unref(open[0]);
	entry_unref(open[1]);
	store_destroy(store);
	scratch_remove(directory);
}

static void once_an_entry_is_closed_it_makes_room(void **state)
{
	char *directory = make_entries(2);
	struct store *store = bounded(directory, 2);
	struct entry *open[] = {bytes_open(store, 1), bytes_open(store, 2)};
	struct entry *entry = bytes_open(store, 3);

	(void)state;
	assert_int_equal(bytes_render(entry, 3, 5), 0);
	assert_false(on_disk(directory, 3));
	entry_unref(open[0]);
	assert_int_equal(bytes_render(entry, 3, 3), 0);
	assert_true(on_disk(directory, 3));
	assert_false(on_disk(directory, 1));
	entry_unref(entry);
	entry_unref(open[1]);
	store_destroy(store);
	scratch_remove(directory);
}

static void a_segment_larger_than_the_limit_evicts_nobody(void **state)
{
	char *directory = scratch_make();
	struct store *store = bytes_store_with(
		directory,
		(struct store_limits){.size = 60000, .fallback = 1 << 20});
	struct entry *entry = bytes_open(store, 1);

	(void)state;
	assert_int_equal(bytes_render(entry, 1, 0), 0);
	entry_unref(entry);
	entry = bytes_open(store, 2);
	assert_int_equal(bytes_render(entry, 2, 5), 0);
	assert_true(on_disk(directory, 1));
	entry_unref(entry);
	store_destroy(store);
	scratch_remove(directory);
}

static void evictions_are_counted(void **state)
{
	uint64_t entries = counter_get(COUNTER_entries_evicted);
	uint64_t bytes = counter_get(COUNTER_evicted_bytes);
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 1);

	(void)state;
	bytes_used(store); /* waits for the first sweep */
	assert_int_equal(counter_get(COUNTER_entries_evicted), entries + 2);
	assert_true(counter_get(COUNTER_evicted_bytes) >=
		    bytes + 2 * BYTES_SIZE);
	store_destroy(store);
	scratch_remove(directory);
}

static void entries_that_are_too_old_go(void **state)
{
	char *directory = make_entries(3);
	struct store *store;

	(void)state;
	grow_old(directory, 2, 90000);
	store = bytes_store_with(directory,
				 (struct store_limits){.age = 86400});
	bytes_used(store); /* waits for the first sweep */
	assert_true(on_disk(directory, 1));
	assert_false(on_disk(directory, 2));
	assert_true(on_disk(directory, 3));
	store_destroy(store);
	scratch_remove(directory);
}

static void without_an_age_limit_nothing_is_too_old(void **state)
{
	char *directory = make_entries(1);
	struct store *store;

	(void)state;
	grow_old(directory, 1, 1000000000);
	store = bytes_store(directory);
	bytes_used(store);
	assert_true(on_disk(directory, 1));
	store_destroy(store);
	scratch_remove(directory);
}

static void an_evicted_entry_is_made_again(void **state)
{
	char *directory = make_entries(3);
	struct store *store = bounded(directory, 3);
	struct entry *entry;

	(void)state;
	bytes_put(store, 4);
	entry = bytes_open(store, 1);
	assert_int_equal(bytes_check(entry, 1), 0);
	assert_int_equal(bytes_render_all(entry, 1), 0);
	assert_int_equal(bytes_check(entry, 1), BYTES_SIZE);
	entry_unref(entry);
	store_destroy(store);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_recently_used_entry_goes_first),
		cmocka_unit_test(
			opening_an_entry_makes_it_the_most_recently_used),
		cmocka_unit_test(an_entry_goes_with_its_map),
		cmocka_unit_test(an_open_entry_is_not_evicted),
		cmocka_unit_test(
			an_entry_that_another_process_reads_is_not_evicted),
		cmocka_unit_test(when_all_is_open_segments_go_to_memory),
		cmocka_unit_test(once_an_entry_is_closed_it_makes_room),
		cmocka_unit_test(a_segment_larger_than_the_limit_evicts_nobody),
		cmocka_unit_test(evictions_are_counted),
		cmocka_unit_test(entries_that_are_too_old_go),
		cmocka_unit_test(without_an_age_limit_nothing_is_too_old),
		cmocka_unit_test(an_evicted_entry_is_made_again),
	};

	return cmocka_run_group_tests_name("evict", tests, NULL, NULL);
}
