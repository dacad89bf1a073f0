/* Entries whose files are damaged: bytes are right or absent. */
#include "entry_fixture.h"

#include "base/counters.h"

#include <sys/wait.h>

/* In a process of its own, which ends without closing anything. */
static void render_and_crash(const char *directory)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *store = bytes_store(directory);
		struct entry *entry = bytes_open(store, 1);
		int r = bytes_render(entry, 1, 0);

		r |= bytes_render(entry, 1, 2);
		r |= entry_begin(entry, 3);
		r |= bytes_append(entry, 1, 3, 0, 30000);
		_exit(r == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_crash_costs_only_what_was_being_written(void **state)
{
	struct fixture *f = *state;

	close_all(f);
	render_and_crash(f->directory);
	open_all(f);
	assert_true(entry_has(f->entry, 0));
	assert_true(entry_has(f->entry, 2));
	assert_false(entry_has(f->entry, 3));
	assert_int_not_equal(bytes_check(f->entry, 1), -1);
	assert_int_equal(bytes_restore(f->entry, 1), 0);
}

static void a_flipped_byte_costs_its_segment_alone(void **state)
{
	struct fixture *f = *state;
	uint64_t corrupt = counter_get(COUNTER_segments_corrupt);

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	flip_byte(f, 60000);
	open_all(f);
	assert_int_not_equal(bytes_check(f->entry, 1), -1);
	assert_false(entry_has(f->entry, 3));
	assert_true(entry_has(f->entry, 2));
	assert_true(entry_has(f->entry, 5));
	assert_int_equal(counter_get(COUNTER_segments_corrupt), corrupt + 1);
}

static void a_damaged_segment_can_be_made_again(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	flip_byte(f, 60000);
	open_all(f);
	assert_int_equal(entry_read(f->entry, 60000, &byte, 1), 0);
	assert_int_equal(bytes_render(f->entry, 1, 3), 0);
	reopen(f);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void a_damaged_segment_is_forgotten_by_the_map(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;

	assert_int_equal(bytes_render(f->entry, 1, 3), 0);
	close_all(f);
	flip_byte(f, 60000);
	open_all(f);
	assert_int_equal(entry_read(f->entry, 60000, &byte, 1), 0);
	reopen(f);
	assert_false(entry_has(f->entry, 3));
}

static void a_payload_cut_between_runs_gives_what_is_left(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	cut_payload(f, 30000);
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 20000);
	assert_int_equal(bytes_restore(f->entry, 1), 0);
}

static void a_payload_cut_while_open_gives_what_is_left(void **state)
{
	struct fixture *f = *state;
	int64_t there;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	cut_payload(f, 30000);
	there = bytes_check(f->entry, 1);
	assert_true(there >= 20000 && there <= 30000);
	assert_false(entry_complete(f->entry));
	assert_int_equal(bytes_restore(f->entry, 1), 0);
}

/* The last segment's bytes lengthen the file: the rest becomes a hole. */
static void a_hole_after_a_cut_is_not_served(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	cut_payload(f, 6000);
	assert_int_equal(entry_read(f->entry, BYTES_SIZE - 1, &byte, 1), 0);
	assert_int_equal(bytes_render(f->entry, 1, 5), 0);
	assert_int_not_equal(bytes_check(f->entry, 1), -1);
	assert_false(entry_has(f->entry, 3));
}

static void a_hole_in_what_is_being_written_is_not_served(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(entry_begin(f->entry, 3), 0);
	assert_int_equal(bytes_append(f->entry, 1, 3, 0, 30000), 0);
	cut_payload(f, 25000);
	assert_int_equal(bytes_append(f->entry, 1, 3, 30000, 50000), 0);
	assert_int_equal(entry_commit(f->entry, 3), 0);
	assert_int_equal(bytes_check(f->entry, 1), 0);
	assert_int_equal(bytes_restore(f->entry, 1), 0);
}

static void a_payload_deleted_between_runs_is_made_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	remove_file(f, "data");
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 0);
	assert_int_equal(bytes_restore(f->entry, 1), 0);
}

static void a_payload_deleted_while_open_is_read_and_written_on(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
	remove_file(f, "data");
	assert_int_equal(bytes_check(f->entry, 1), 5000);
	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void without_its_map_an_entry_has_no_byte(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	remove_file(f, "map");
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 0);
	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	reopen(f);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void overwrite_map(struct fixture *f, off_t at, size_t size)
{
	int fd = bytes_file(f->directory, 1, "map");

	for (size_t i = 0; i < size; i++)
		assert_int_equal(pwrite(fd, "\xa5", 1, at + (off_t)i), 1);
	close(fd);
}

static void a_map_with_a_wrong_header_is_replaced(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	overwrite_map(f, 0, 4);
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 0);
	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	reopen(f);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void garbage_in_a_map_s_records_means_absent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	overwrite_map(f, 32, 6 * 16);
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 0);
	assert_false(entry_has(f->entry, 0));
}

static void a_map_cut_short_keeps_its_first_records(void **state)
{
	struct fixture *f = *state;
	int fd;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	close_all(f);
	fd = bytes_file(f->directory, 1, "map");
	assert_int_equal(ftruncate(fd, 32 + 16 + 3), 0);
	close(fd);
	open_all(f);
	assert_int_equal(bytes_check(f->entry, 1), 5000);
}

/* One random deed against the files of entry 1. */
static void damage(struct fixture *f, uint64_t *seed)
{
	bool map = scratch_random(seed) % 3 == 0;
	int fd = bytes_file(f->directory, 1, map ? "map" : "data");
	off_t size = lseek(fd, 0, SEEK_END);
	off_t at = (off_t)(scratch_random(seed) % (uint64_t)size);
	uint8_t byte = (uint8_t)scratch_random(seed);

	switch (scratch_random(seed) % 4) {
	case 0:
		assert_int_equal(ftruncate(fd, at), 0);
		break;
	case 1:
		assert_int_equal(ftruncate(fd, at), 0);
		assert_int_equal(ftruncate(fd, size), 0);
		break;
	case 2:
		remove_file(f, map ? "map" : "data");
		break;
	default:
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
}

static void no_damage_between_runs_gives_a_wrong_byte(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = scratch_seed();

	for (int i = 0; i < 100; i++) {
		assert_int_equal(bytes_restore(f->entry, 1), 0);
		close_all(f);
		damage(f, &seed);
		open_all(f);
		assert_int_not_equal(bytes_check(f->entry, 1), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_crash_costs_only_what_was_being_written),
		TEST(a_flipped_byte_costs_its_segment_alone),
		TEST(a_damaged_segment_can_be_made_again),
		TEST(a_damaged_segment_is_forgotten_by_the_map),
		TEST(a_payload_cut_between_runs_gives_what_is_left),
		TEST(a_payload_cut_while_open_gives_what_is_left),
		TEST(a_hole_after_a_cut_is_not_served),
		TEST(a_hole_in_what_is_being_written_is_not_served),
		TEST(a_payload_deleted_between_runs_is_made_again),
		TEST(a_payload_deleted_while_open_is_read_and_written_on),
		TEST(without_its_map_an_entry_has_no_byte),
		TEST(a_map_with_a_wrong_header_is_replaced),
		TEST(garbage_in_a_map_s_records_means_absent),
		TEST(a_map_cut_short_keeps_its_first_records),
		TEST(no_damage_between_runs_gives_a_wrong_byte),
	};

	return cmocka_run_group_tests_name("damage", tests, NULL, NULL);
}
