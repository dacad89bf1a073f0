/* The store: its directory, and a disk that is full. */
#include "entry_bytes.h"

static void the_directories_are_made_private(void **state)
{
	char *parent = scratch_make();
	char *directory = scratch_path(parent, "cache");
	char *entries = scratch_path(directory, "entries");
	struct store *store = bytes_store(directory);
	struct stat st;

	(void)state;
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(entries, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	store_destroy(store);
	free(entries);
	free(directory);
	scratch_remove(parent);
}

static void a_directory_that_cannot_be_made_is_an_error(void **state)
{
	const struct store_limits limits = {0};
	struct store *store;

	(void)state;
	assert_int_equal(store_create("/nonexistent/a/b", &limits, &store),
			 -ENOENT);
	assert_int_equal(store_create("/dev/null", &limits, &store), -ENOTDIR);
}

static void a_directory_that_cannot_be_written_is_an_error(void **state)
{
	const struct store_limits limits = {0};
	struct store *store;

	(void)state;
	if (!scratch_proc())
		skip();
	assert_true(store_create("/proc/self", &limits, &store) < 0);
}

static void touch(const char *directory, const char *name)
{
	char *path = scratch_path(directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	free(path);
}

static bool exists(const char *directory, const char *name)
{
	char *path = scratch_path(directory, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* A directory with garbage of many kinds below entries/. */
static char *make_garbage(void)
{
	char *directory = scratch_make();
	char *path = scratch_path(directory, "entries");

	assert_int_equal(mkdir(path, 0700), 0);
	touch(path, "ab");
	touch(path, "README");
	touch(path, "old.tmp");
	free(path);
	path = scratch_path(directory, "entries/cd");
	assert_int_equal(mkdir(path, 0700), 0);
	touch(path, "cdxx.data");
	touch(path, "cd.tmp");
	touch(path, "cd0123456789abcdef0123456789abcd.data.old");
	touch(path, "cd0123456789abcdef0123456789abcd.map");
	free(path);
	return directory;
}

static void garbage_is_no_obstacle(void **state)
{
	char *directory = make_garbage();
	struct store *store = bytes_store(directory);

	(void)state;
	assert_int_equal(bytes_used(store), 0);
	bytes_put(store, 1);
	assert_true(exists(directory, "entries/README"));
	store_destroy(store);
	scratch_remove(directory);
}

static void temporary_files_and_lonely_maps_are_removed(void **state)
{
	char *directory = make_garbage();
	struct store *store = bytes_store(directory);

	(void)state;
	bytes_used(store); /* waits for the first scan */
	assert_false(exists(directory, "entries/old.tmp"));
	assert_false(exists(directory, "entries/cd/cd.tmp"));
	assert_false(exists(directory,
			    "entries/cd/cd0123456789abcdef0123456789abcd.map"));
	store_destroy(store);
	scratch_remove(directory);
}

static void used_bytes_are_known_after_a_restart(void **state)
{
	char *directory = scratch_make();
	struct store *store = bytes_store(directory);
	uint64_t used;

	(void)state;
	assert_int_equal(bytes_used(store), 0);
	bytes_put(store, 1);
	store_destroy(store);
	store = bytes_store(directory);
	used = bytes_used(store);
	assert_true(used >= BYTES_SIZE && used < BYTES_SIZE + 65536);
	store_destroy(store);
	scratch_remove(directory);
}

static void the_store_has_facts(void **state)
{
	char *directory = scratch_make();
	struct store *store = bytes_store(directory);
	const struct file_id id = {1, 2, 3, 4};
	struct facts facts = {
		.kind = FACTS_LOSSY, .rate = 44100, .channels = 2};

	(void)state;
	facts_put(store_facts(store), &id, &facts);
	store_destroy(store);
	store = bytes_store(directory);
	assert_int_equal(facts_get(store_facts(store), &id, &facts), 0);
	store_destroy(store);
	scratch_remove(directory);
}

struct small_disk {
	char *directory;
	struct store *store; /* NULL: there is no right to mount */
	struct entry *entry;
	char *log; /* a file elsewhere */
};

/* A store on a file system of 2 MiB. */
static int small_disk_setup(void **state)
{
	struct small_disk *d = calloc(1, sizeof(*d));

	*state = d;
	d->directory = scratch_make();
	assert_true(asprintf(&d->log, "%s.log", d->directory) > 0);
	if (!scratch_mount(d->directory, "size=2m"))
		return 0;
	d->store = bytes_store(d->directory);
	d->entry = bytes_open(d->store, 1);
	return 0;
}

static int small_disk_teardown(void **state)
{
	struct small_disk *d = *state;

	entry_unref(d->entry);
	store_destroy(d->store);
	if (d->store)
		umount(d->directory);
	unlink(d->log);
	free(d->log);
	scratch_remove(d->directory);
	free(d);
	return 0;
}

static struct small_disk *small_disk(void **state)
{
	struct small_disk *d = *state;

	if (!d->store)
		skip();
	return d;
}

/* Leaves `left` bytes. */
static void fill_disk(struct small_disk *d, off_t left)
{
	char *path = scratch_path(d->directory, "filler");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char page[4096] = {1};
	off_t size = 0;

	assert_true(fd >= 0);
	while (write(fd, page, sizeof(page)) == sizeof(page))
		size += sizeof(page);
	assert_int_equal(ftruncate(fd, size - left), 0);
	close(fd);
	free(path);
}

static void empty_disk(struct small_disk *d)
{
	char *path = scratch_path(d->directory, "filler");

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void on_a_full_disk_reading_goes_on_from_memory(void **state)
{
	struct small_disk *d = small_disk(state);

	fill_disk(d, 0);
	assert_int_equal(bytes_render_all(d->entry, 1), 0);
	assert_int_equal(bytes_check(d->entry, 1), BYTES_SIZE);
}

static void a_disk_that_fills_within_a_segment_loses_no_byte(void **state)
{
	struct small_disk *d = small_disk(state);

	assert_int_equal(bytes_render(d->entry, 1, 0), 0);
	assert_int_equal(entry_begin(d->entry, 3), 0);
	assert_int_equal(bytes_append(d->entry, 1, 3, 0, 20000), 0);
	fill_disk(d, 8192);
	assert_int_equal(bytes_append(d->entry, 1, 3, 20000, 50000), 0);
	assert_int_equal(entry_commit(d->entry, 3), 0);
	assert_int_equal(bytes_render_all(d->entry, 1), 0);
	assert_int_equal(bytes_check(d->entry, 1), BYTES_SIZE);
}

static void the_log_says_once_that_the_disk_is_full(void **state)
{
	struct small_disk *d = small_disk(state);
	char *text;
	int saved;

	fill_disk(d, 0);
	saved = scratch_log_begin(d->log);
	bytes_render_all(d->entry, 1);
	text = scratch_log_end(saved);
	assert_int_equal(scratch_count(text, "cannot write to the cache"), 1);
	assert_int_equal(scratch_count(text, "No space left on device; "
					     "keeping new segments in memory"),
			 1);
	free(text);
}

static void a_disk_that_is_full_now_and_then_is_logged_once(void **state)
{
	struct small_disk *d = small_disk(state);
	char *text;
	int saved;

	saved = scratch_log_begin(d->log);
	fill_disk(d, 0);
	bytes_render(d->entry, 1, 0);
	empty_disk(d);
	bytes_render(d->entry, 1, 2);
	fill_disk(d, 0);
	bytes_render(d->entry, 1, 3);
	text = scratch_log_end(saved);
	assert_int_equal(scratch_count(text, "cannot write to the cache"), 1);
	free(text);
}

static void after_the_disk_has_room_segments_go_there_again(void **state)
{
	struct small_disk *d = small_disk(state);

	fill_disk(d, 0);
	assert_int_equal(bytes_render(d->entry, 1, 0), 0);
	empty_disk(d);
	assert_int_equal(bytes_render(d->entry, 1, 3), 0);
	entry_unref(d->entry);
	d->entry = bytes_open(d->store, 1);
	assert_false(entry_has(d->entry, 0));
	assert_true(entry_has(d->entry, 3));
}

#define DISK_TEST(f)                                                           \
	cmocka_unit_test_setup_teardown(f, small_disk_setup,                   \
					small_disk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_directories_are_made_private),
		cmocka_unit_test(a_directory_that_cannot_be_made_is_an_error),
		cmocka_unit_test(
			a_directory_that_cannot_be_written_is_an_error),
		cmocka_unit_test(garbage_is_no_obstacle),
		cmocka_unit_test(temporary_files_and_lonely_maps_are_removed),
		cmocka_unit_test(used_bytes_are_known_after_a_restart),
		cmocka_unit_test(the_store_has_facts),
		DISK_TEST(on_a_full_disk_reading_goes_on_from_memory),
		DISK_TEST(a_disk_that_fills_within_a_segment_loses_no_byte),
		DISK_TEST(the_log_says_once_that_the_disk_is_full),
		DISK_TEST(a_disk_that_is_full_now_and_then_is_logged_once),
		DISK_TEST(after_the_disk_has_room_segments_go_there_again),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
