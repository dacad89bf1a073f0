/* What a look at a cache from outside removes, and what it leaves alone. */
#include "inspect_fixture.h"

#include <sys/file.h>

static void a_payload_without_a_usable_map_is_an_orphan(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;
	bool removed;

	drop(f, 1, "map");
	flip(f, 2, "map", 8); /* its version */
	look(f);
	assert_int_equal(f->in.count, 2);
	assert_false(find(f, 1)->mapped);
	assert_false(find(f, 2)->mapped);
	assert_int_equal(check_entry(f, 1, false, &check), -EBADMSG);
	assert_true(exists(f, 1, "data"));
	for (unsigned number = 1; number <= 2; number++) {
		assert_int_equal(inspect_check(&f->in, find(f, number), true,
					       on_bad, f, &check, &removed),
				 -EBADMSG);
		assert_true(removed);
		assert_false(exists(f, number, "data"));
		assert_false(exists(f, number, "map"));
	}
}

static void a_payload_without_a_map_may_be_in_use(void **state)
{
	struct fixture *f = *state;
	struct inspect_check check;
	int fd = bytes_file(f->directory, 1, "data");

	assert_int_equal(flock(fd, LOCK_SH), 0);
	drop(f, 1, "map");
	look(f);
	assert_int_equal(check_entry(f, 1, true, &check), 0);
	assert_true(exists(f, 1, "data"));
	close(fd);
}

static void strays_are_found_and_removed(void **state)
{
	static const char *const names[] = {"README", "x.tmp"};
	struct fixture *f = *state;
	char *path = scratch_path(f->directory, "entries");

	for (int i = 0; i < 2; i++)
		scratch_write(path, names[i], "x");
	free(path);
	drop(f, 1, "data");
	look(f);
	assert_int_equal(f->in.stray_count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct inspect_stray *stray = &f->in.strays[i];
		bool ours = stray->kind != INSPECT_FOREIGN;

		assert_int_equal(ours, strcmp(stray->name, "README") != 0);
		assert_int_equal(inspect_remove_stray(&f->in, stray),
				 ours ? 0 : -EINVAL);
	}
	look(f);
	assert_int_equal(f->in.stray_count, 1);
	assert_false(exists(f, 1, "map"));
}

static void an_entry_is_removed_whole(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes = 0, expected;

	look(f);
	expected = find(f, 1)->bytes;
	assert_int_equal(inspect_is_idle(&f->in, find(f, 1)), 0);
	assert_int_equal(inspect_remove(&f->in, find(f, 1), INT64_MAX, &bytes),
			 0);
	assert_int_equal(bytes, expected);
	assert_false(exists(f, 1, "data"));
	assert_false(exists(f, 1, "map"));
	assert_int_equal(inspect_remove(&f->in, find(f, 1), INT64_MAX, &bytes),
			 -ENOENT);
}

static void an_open_entry_is_not_removed(void **state)
{
	struct fixture *f = *state;
	struct entry *entry;
	uint64_t bytes;

	f->store = bytes_store(f->directory);
	entry = open_labeled(f->store, 1, NULL);
	look(f);
	assert_int_equal(inspect_is_idle(&f->in, find(f, 1)), -EBUSY);
	assert_int_equal(inspect_remove(&f->in, find(f, 1), INT64_MAX, &bytes),
			 -EBUSY);
	assert_int_equal(bytes_check(entry, 1), BYTES_SIZE);
	entry_unref(entry);
	assert_int_equal(inspect_remove(&f->in, find(f, 1), INT64_MAX, &bytes),
			 0);
}

static void an_entry_used_since_is_not_removed(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes;

	look(f);
	assert_int_equal(inspect_remove(&f->in, find(f, 1),
					find(f, 1)->used_ns - 1, &bytes),
			 -EBUSY);
	assert_int_equal(
		inspect_remove(&f->in, find(f, 1), find(f, 1)->used_ns, &bytes),
		0);
}

/* Whether `path` means entry 1 (in B) and entry 2 (in A). */
static void assert_means(struct fixture *f, const char *path, bool one,
			 bool two)
{
	struct inspect_path wanted;

	assert_int_equal(inspect_path_init(&wanted, path, &f->in), 0);
	assert_int_equal(inspect_path_means(&wanted, find(f, 1)), one);
	assert_int_equal(inspect_path_means(&wanted, find(f, 2)), two);
	inspect_path_release(&wanted);
}

static void paths_mean_entries(void **state)
{
	struct fixture *f = *state;

	look(f);
	assert_means(f, "B", true, false);
	assert_means(f, "./A//two.flac", false, true);
	assert_means(f, "/music/B/", true, false);
	assert_means(f, "/music/A/B", true, false);
	assert_means(f, "/B/A/two.flac", false, true);
	assert_means(f, "/", true, true);
	assert_means(f, "one.flac", false, false);
	assert_means(f, "/music", false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_payload_without_a_usable_map_is_an_orphan),
		TEST(a_payload_without_a_map_may_be_in_use),
		TEST(strays_are_found_and_removed),
		TEST(an_entry_is_removed_whole),
		TEST(an_open_entry_is_not_removed),
		TEST(an_entry_used_since_is_not_removed),
		TEST(paths_mean_entries),
	};

	return cmocka_run_group_tests_name("inspect-remove", tests, NULL, NULL);
}
