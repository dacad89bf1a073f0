/* Maps of version 2: what they say by themselves, and what damage does. */
#include "cache/disk/map.h"

#include "scratch.h"

#include <sys/wait.h>
#include <xxhash.h>

static const uint64_t starts[] = {0, 10, 10, 5000, 70000};
#define COUNT 4
#define RECORDS 32 /* where they begin */
#define STARTS (RECORDS + COUNT * 16)
#define LABEL (STARTS + (COUNT + 1) * 8)
#define SIZE (LABEL + 512)

static const struct entry_layout layout = {COUNT, starts, "low\tA/b.flac"};

struct fixture {
	char *path;
	int directory;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->path = scratch_make();
	f->directory = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->directory < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->directory);
	scratch_remove(f->path);
	free(f);
	return 0;
}

static int open_map(struct fixture *f, const struct entry_layout *with)
{
	int map = map_open(f->directory, "map", with);

	assert_true(map >= 0);
	return map;
}

static void assert_says(int map, const char *quality, const char *path)
{
	struct map_contents contents;

	assert_int_equal(map_read(map, &contents), 0);
	assert_int_equal(contents.count, COUNT);
	assert_memory_equal(contents.starts, starts, sizeof(starts));
	assert_string_equal(contents.label.quality, quality);
	assert_string_equal(contents.label.path, path);
	map_contents_release(&contents);
}

static void overwrite(int map, off_t at, const void *bytes, size_t size)
{
	assert_int_equal(pwrite(map, bytes, size, at), (ssize_t)size);
}

static void a_map_says_by_itself_what_it_is(void **state)
{
	int map = open_map(*state, &layout);
	struct stat st;

	assert_says(map, "low", "A/b.flac");
	assert_int_equal(fstat(map, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_true(map_room(COUNT) >= SIZE);
	assert_int_equal(map_room(COUNT) % 4096, 0);
	close(map);
}

static void records_survive_another_opening(void **state)
{
	int map = open_map(*state, &layout);
	uint64_t checksum = 0;
	int again;

	assert_int_equal(map_set(map, 2, 77), 0);
	again = open_map(*state, &layout);
	assert_int_equal(map_get(again, 2, &checksum), 0);
	assert_int_equal(checksum, 77);
	assert_int_equal(map_get(again, 1, &checksum), -ENOENT);
	close(again);
	close(map);
}

static void the_last_opener_s_label_counts(void **state)
{
	const struct entry_layout moved = {COUNT, starts, "low\tC/d.flac"};
	const struct entry_layout silent = {COUNT, starts, NULL};
	int map = open_map(*state, &layout);

	close(open_map(*state, &moved));
	assert_says(map, "low", "C/d.flac");
	close(open_map(*state, &silent));
	assert_says(map, "low", "C/d.flac");
	close(map);
}

static void a_map_may_have_no_label(void **state)
{
	const struct entry_layout silent = {COUNT, starts, NULL};
	int map = open_map(*state, &silent);

	assert_says(map, "", "");
	close(map);
}

static void a_damaged_label_is_none_and_is_mended(void **state)
{
	int map = open_map(*state, &layout);

	overwrite(map, LABEL + 2, "W", 1);
	assert_says(map, "", "");
	close(open_map(*state, &layout));
	assert_says(map, "low", "A/b.flac");
	close(map);
}

static void damaged_starts_are_noticed_and_mended(void **state)
{
	int map = open_map(*state, &layout);
	struct map_contents contents;
	uint64_t checksum;

	assert_int_equal(map_set(map, 3, 99), 0);
	overwrite(map, STARTS + 8, "\x0b", 1);
	assert_int_equal(map_read(map, &contents), -EBADMSG);
	close(open_map(*state, &layout));
	assert_says(map, "low", "A/b.flac");
	assert_int_equal(map_get(map, 3, &checksum), 0);
	close(map);
}

static void a_map_of_version_1_is_made_anew(void **state)
{
	struct fixture *f = *state;
	uint32_t version = 1;
	int map = open_map(f, &layout), anew;
	struct map_contents contents;
	uint64_t checksum;

	assert_int_equal(map_set(map, 0, 99), 0);
	overwrite(map, 8, &version, sizeof(version));
	assert_int_equal(ftruncate(map, STARTS), 0);
	assert_int_equal(map_read(map, &contents), -EBADMSG);
	anew = open_map(f, &layout);
	assert_says(anew, "low", "A/b.flac");
	assert_int_equal(map_get(anew, 0, &checksum), -ENOENT);
	close(anew);
	close(map);
}

static void a_cut_map_is_noticed_at_every_length(void **state)
{
	struct fixture *f = *state;
	struct map_contents contents;
	int map = open_map(f, &layout);

	for (off_t size = SIZE - 1; size >= RECORDS; size -= 7) {
		assert_int_equal(ftruncate(map, size), 0);
		assert_int_equal(map_read(map, &contents), -EBADMSG);
		close(open_map(f, &layout));
		assert_says(map, "low", "A/b.flac");
	}
	close(map);
}

static void a_map_that_is_too_long_is_cut(void **state)
{
	int map = open_map(*state, &layout);
	struct map_contents contents;

	assert_int_equal(ftruncate(map, 100000), 0);
	assert_int_equal(map_read(map, &contents), -EBADMSG);
	close(open_map(*state, &layout));
	assert_says(map, "low", "A/b.flac");
	close(map);
}

/* Starts that go back, whose header has the right checksum all the same. */
static void starts_that_make_no_sense_are_not_believed(void **state)
{
	const uint64_t wrong[] = {0, 10, 5, 5000, 70000};
	uint64_t hash = XXH3_64bits(wrong, sizeof(wrong));
	int map = open_map(*state, &layout);
	struct map_contents contents;

	overwrite(map, STARTS, wrong, sizeof(wrong));
	overwrite(map, 24, &hash, sizeof(hash));
	assert_int_equal(map_read(map, &contents), -EBADMSG);
	close(map);
}

static void a_count_that_is_huge_costs_nothing(void **state)
{
	const uint32_t counts[] = {0, 5, 1 << 24, (1 << 24) + 1, UINT32_MAX};
	struct map_contents contents;

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		int map = open_map(*state, &layout);
		off_t size = RECORDS + (off_t)counts[i] * 24 + 8 + 512;

		overwrite(map, 12, &counts[i], sizeof(*counts));
		assert_int_equal(map_read(map, &contents), -EBADMSG);
		if (i != 2) /* it would be read, all zeros */
			assert_int_equal(ftruncate(map, size), 0);
		assert_int_equal(map_read(map, &contents), -EBADMSG);
		close(map);
	}
}

static void random_damage_is_no_crash(void **state)
{
	uint64_t seed = scratch_seed();
	struct map_contents contents;

	for (int i = 0; i < 3000; i++) {
		int map = open_map(*state, &layout);

		for (int k = 0; k < 3; k++) {
			uint8_t byte = (uint8_t)scratch_random(&seed);
			off_t at = (off_t)(scratch_random(&seed) % SIZE);

			overwrite(map, at, &byte, 1);
		}
		if (map_read(map, &contents) == 0) {
			assert_memory_equal(contents.starts, starts,
					    sizeof(starts));
			map_contents_release(&contents);
		}
		close(map);
	}
}

/* Children open the same map under labels of their own, again and again. */
static void several_processes_may_open_one_at_once(void **state)
{
	const struct entry_layout other = {COUNT, starts, "low\tC/d.flac"};
	struct fixture *f = *state;
	uint64_t checksum;
	int map, status;

	for (int child = 0; child < 4; child++) {
		if (fork() > 0)
			continue;
		for (int i = 0; i < 500; i++) {
			int fd = map_open(f->directory, "map",
					  child % 2 ? &other : &layout);

			if (fd < 0 || map_set(fd, (uint32_t)child, 5) < 0)
				_exit(1);
			close(fd);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	map = open_map(f, &layout);
	assert_says(map, "low", "A/b.flac");
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(map_get(map, i, &checksum), 0);
	close(map);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_map_says_by_itself_what_it_is),
		TEST(records_survive_another_opening),
		TEST(the_last_opener_s_label_counts),
		TEST(a_map_may_have_no_label),
		TEST(a_damaged_label_is_none_and_is_mended),
		TEST(damaged_starts_are_noticed_and_mended),
		TEST(a_map_of_version_1_is_made_anew),
		TEST(a_cut_map_is_noticed_at_every_length),
		TEST(a_map_that_is_too_long_is_cut),
		TEST(starts_that_make_no_sense_are_not_believed),
		TEST(a_count_that_is_huge_costs_nothing),
		TEST(random_damage_is_no_crash),
		TEST(several_processes_may_open_one_at_once),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
