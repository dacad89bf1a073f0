/* Facts when the database is damaged, foreign, or has no room. */
#include "facts_fixture.h"

static bool set_aside(struct fixture *f)
{
	char *path = scratch_path(f->directory, "facts.sqlite.bad");
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static void overwrite(const char *path, off_t at, size_t size)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(pwrite(fd, "\x5a", 1, at + (off_t)i), 1);
	close(fd);
}

static void a_damaged_database_is_set_aside(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	close_db(f);
	overwrite(f->path, 0, 100);
	reopen(f);
	assert_true(set_aside(f));
	assert_false(known(f->db, 1));
	put(f->db, 2);
	close_db(f);
	reopen(f);
	assert_true(known(f->db, 2));
}

static void a_page_damaged_later_is_noticed_and_mended(void **state)
{
	struct fixture *f = *state;

	for (uint64_t n = 0; n < 100; n++)
		put(f->db, n);
	close_db(f);
	overwrite(f->path, 4096, 4096 * 2);
	reopen(f);
	assert_false(known(f->db, 1));
	put(f->db, 1);
	facts_flush(f->db);
	assert_true(set_aside(f));
	close_db(f);
	reopen(f);
	assert_true(known(f->db, 1));
}

static void a_database_of_another_version_is_set_aside(void **state)
{
	struct fixture *f = *state;

	put(f->db, 1);
	close_db(f);
	run(f->path, "PRAGMA user_version = 77");
	reopen(f);
	assert_true(set_aside(f));
	put(f->db, 1);
	facts_flush(f->db);
	assert_int_equal(query(f->path, "PRAGMA user_version"), 5);
}

static void a_row_that_makes_no_sense_is_not_believed(void **state)
{
	static const char *const nonsense[] = {
		"identity = 'x'",
		"kind = 9",
		"samples = 1 << 62",
		"samples = -1",
		"tag_size = 4294967295",
		"tag_size = 4294967297",
		"rate = 0",
		"channels = 1000",
		"rate = 44100 + (1 << 32)",
	};
	const uint64_t count = sizeof(nonsense) / sizeof(*nonsense);
	struct fixture *f = *state;

	for (uint64_t n = 0; n < count; n++)
		put(f->db, n);
	facts_flush(f->db);
	for (uint64_t n = 0; n < count; n++) {
		char text[120];

		assert_true(known(f->db, n));
		snprintf(text, sizeof(text),
			 "UPDATE track SET %s WHERE ino = %d", nonsense[n],
			 (int)n);
		run(f->path, text);
		assert_false(known(f->db, n));
		put(f->db, n);
		facts_flush(f->db);
		assert_true(known(f->db, n));
	}
}

static void without_a_directory_facts_live_in_memory(void **state)
{
	struct facts_db *db;

	(void)state;
	assert_int_equal(facts_open("/nonexistent/groovefs", &db), 0);
	put(db, 1);
	facts_flush(db);
	assert_true(known(db, 1));
	facts_close(db);
}

static void fill_without_a_disk(struct fixture *f)
{
	for (uint64_t n = 0; n < 2000; n++)
		put(f->db, n);
	facts_flush(f->db);
	for (uint64_t n = 2000; n < 4000; n++)
		put(f->db, n);
	facts_flush(f->db);
	for (uint64_t n = 0; n < 4000; n++)
		assert_true(known(f->db, n));
}

static void
on_a_full_disk_facts_live_in_memory_and_the_log_says_so_once(void **state)
{
	struct fixture *f = *state;
	char *log = scratch_path(f->directory, "log");
	char *full = scratch_path(f->directory, "full");
	char *text;
	struct fixture small = {.directory = full};
	int saved;

	assert_int_equal(mkdir(full, 0700), 0);
	if (!scratch_mount(full, "size=128k")) {
		free(full);
		free(log);
		skip();
	}
	saved = scratch_log_begin(log);
	reopen(&small);
	fill_without_a_disk(&small);
	close_db(&small);
	text = scratch_log_end(saved);
	assert_int_equal(umount(full), 0);
	assert_int_equal(scratch_count(text, "facts are kept in memory only"),
			 1);
	free(text);
	free(full);
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_damaged_database_is_set_aside),
		TEST(a_page_damaged_later_is_noticed_and_mended),
		TEST(a_database_of_another_version_is_set_aside),
		TEST(a_row_that_makes_no_sense_is_not_believed),
		TEST(without_a_directory_facts_live_in_memory),
		TEST(on_a_full_disk_facts_live_in_memory_and_the_log_says_so_once),
	};

	return cmocka_run_group_tests_name("facts-damage", tests, NULL, NULL);
}
