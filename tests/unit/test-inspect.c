/* A look at a cache from outside: what it finds and what it mends. */
#include "inspect_fixture.h"

static void entries_are_listed_by_path(void **state)
{
	struct fixture *f = *state;
	const struct inspect_entry *item;

	look(f);
	assert_int_equal(f->in.count, 2);
	assert_int_equal(f->in.stray_count, 0);
	item = &f->in.items[0];
	assert_string_equal(item->quality, "tag");
	assert_string_equal(item->path, "A/two.flac");
	assert_int_equal(item->count, BYTES_COUNT);
	assert_int_equal(item->present, 3); /* one has no bytes */
	assert_int_equal(item->there, 20000);
	item = &f->in.items[1];
	assert_string_equal(item->quality, "low");
	assert_string_equal(item->path, "B/one.flac");
	assert_int_equal(item->present, BYTES_COUNT);
	assert_int_equal(item->there, BYTES_SIZE);
	assert_int_equal(item->size, BYTES_SIZE);
	assert_true(item->bytes >= BYTES_SIZE);
	assert_true(item->mapped);
}

static void no_cache_is_an_error_and_is_not_made(void **state)
{
	struct fixture *f = *state;
	char *path = scratch_path(f->directory, "nowhere");
	struct inspection in;

	assert_int_equal(inspect_open(&in, path), -ENOENT);
	inspect_release(&in);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void right_segments_are_right(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;

	look(f);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_int_equal(check.checked, BYTES_COUNT - 1);
	assert_int_equal(check.bad, 0);
	assert_int_equal(check.bytes, BYTES_SIZE);
	assert_int_equal(check_entry(f, 2, true, &check), 0);
	assert_int_equal(check.checked, 2);
	assert_int_equal(f->bad, 0);
}

static void a_flipped_bit_is_found_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;

	flip(f, 1, "data", 60000);
	look(f);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(check_entry(f, 1, false, &check), 0);
		assert_int_equal(check.bad, 1);
		assert_int_equal(check.cleared, 0);
		assert_int_equal(f->bad, 1);
		assert_int_equal(f->last_bad, 3);
	}
}

static void repair_forgets_the_bad_segment_alone(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;
	struct entry *entry;

	flip(f, 1, "data", 60000);
	look(f);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_int_equal(check.cleared, 1);
	look(f);
	assert_int_equal(find(f, 1)->present, BYTES_COUNT - 1);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_int_equal(check.bad, 0);
	f->store = bytes_store(f->directory);
	entry = open_labeled(f->store, 1, NULL);
	assert_false(entry_has(entry, 3));
	assert_true(entry_has(entry, 2));
	assert_int_equal(bytes_restore(entry, 1), 0);
	entry_unref(entry);
}

static void a_cut_payload_has_bad_segments(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;
	int fd = bytes_file(f->directory, 1, "data");

	assert_int_equal(ftruncate(fd, 30000), 0);
	close(fd);
	look(f);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_int_equal(check.bad, 3);
	look(f);
	assert_int_equal(find(f, 1)->there, 20000);
}

static void a_segment_in_use_can_be_cleared(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;
	struct entry *entry;

	f->store = bytes_store(f->directory);
	entry = open_labeled(f->store, 1, NULL);
	flip(f, 1, "data", 60000);
	look(f);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_int_equal(check.cleared, 1);
	assert_int_not_equal(bytes_check(entry, 1), -1);
	assert_int_equal(bytes_restore(entry, 1), 0);
	entry_unref(entry);
}

static void a_payload_that_is_no_file_is_foreign(void **state)
{
	struct fixture *f = *state;
	char *path = bytes_path(f->directory, 1, "data");

	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	look(f);
	assert_null(find(f, 1));
	assert_int_equal(f->in.stray_count, 1);
	assert_int_equal(f->in.strays[0].kind, INSPECT_FOREIGN);
	free(path);
}

static void no_damage_is_a_crash(void **state)
{
	static const char *const suffixes[] = {"data", "map"};
	struct fixture *f = *state;
	uint64_t seed = scratch_seed();
	struct inspect_check check;

	for (int i = 0; i < 300; i++) {
		const char *suffix = suffixes[scratch_random(&seed) % 2];
		int fd = bytes_file(f->directory, 1, suffix);
		off_t size = lseek(fd, 0, SEEK_END);

		if (scratch_random(&seed) % 8 == 0)
			assert_int_equal(ftruncate(fd, size * 7 / 8), 0);
		close(fd);
		if (size > 8)
			flip(f, 1, suffix,
			     (off_t)(scratch_random(&seed) %
				     (uint64_t)(size * 7 / 8)));
		look(f);
		(void)check_entry(f, 1, false, &check);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(entries_are_listed_by_path),
		TEST(no_cache_is_an_error_and_is_not_made),
		TEST(right_segments_are_right),
		TEST(a_flipped_bit_is_found_and_changes_nothing),
		TEST(repair_forgets_the_bad_segment_alone),
		TEST(a_cut_payload_has_bad_segments),
		TEST(a_segment_in_use_can_be_cleared),
		TEST(a_payload_that_is_no_file_is_foreign),
		TEST(no_damage_is_a_crash),
	};

	return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
