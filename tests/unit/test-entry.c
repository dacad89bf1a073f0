/* Entries: each step of a segment, restarts, two stores at once. */
#include "entry_fixture.h"

#include "base/counters.h"

static void a_new_entry_has_no_byte(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;

	assert_false(entry_has(f->entry, 0));
	assert_false(entry_complete(f->entry));
	assert_int_equal(entry_read(f->entry, 0, &byte, 1), 0);
}

static void opening_an_entry_makes_no_file(void **state)
{
	struct fixture *f = *state;
	char *path = bytes_path(f->directory, 1, "data");

	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void a_segment_is_claimed_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(entry_begin(f->entry, 2), 0);
	assert_int_equal(entry_begin(f->entry, 2), -EALREADY);
	entry_abort(f->entry, 2);
}

static void appended_bytes_are_read_before_the_commit(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[2000];

	assert_int_equal(entry_begin(f->entry, 0), 0);
	assert_int_equal(bytes_append(f->entry, 1, 0, 0, 1500), 0);
	assert_int_equal(entry_read(f->entry, 100, bytes, 2000), 1400);
	assert_true(bytes_right(1, 100, bytes, 1400));
	assert_true(entry_covers(f->entry, 0, 1500));
	assert_false(entry_covers(f->entry, 0, 1501));
	assert_false(entry_has(f->entry, 0));
	entry_abort(f->entry, 0);
}

static void a_committed_segment_is_there(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render(f->entry, 1, 3), 0);
	assert_true(entry_has(f->entry, 3));
	assert_true(entry_covers(f->entry, 20000, 50000));
	assert_int_equal(entry_begin(f->entry, 3), -EEXIST);
}

static void a_commit_with_bytes_missing_is_an_abort(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(entry_begin(f->entry, 0), 0);
	assert_int_equal(bytes_append(f->entry, 1, 0, 0, 4999), 0);
	assert_int_equal(entry_commit(f->entry, 0), -EIO);
	assert_false(entry_has(f->entry, 0));
	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
}

static void an_aborted_segment_can_be_claimed_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(entry_begin(f->entry, 0), 0);
	assert_int_equal(bytes_append(f->entry, 1, 0, 0, 3000), 0);
	entry_abort(f->entry, 0);
	assert_false(entry_covers(f->entry, 0, 1));
	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
	assert_int_equal(bytes_check(f->entry, 1), 5000);
}

static void bytes_past_the_end_are_refused_whole(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[5001] = {0};

	assert_int_equal(entry_begin(f->entry, 0), 0);
	assert_int_equal(entry_append(f->entry, 0, bytes, 5001), -EFBIG);
	assert_false(entry_covers(f->entry, 0, 1));
	entry_abort(f->entry, 0);
}

static void a_read_crosses_segments_and_stops_at_the_gap(void **state)
{
	struct fixture *f = *state;
	static uint8_t bytes[100000];

	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
	assert_int_equal(bytes_render(f->entry, 1, 2), 0);
	assert_int_equal(entry_read(f->entry, 4000, bytes, sizeof(bytes)),
			 16000);
	assert_true(bytes_right(1, 4000, bytes, 16000));
}

static void a_read_stops_at_the_end(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[100];

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	assert_int_equal(entry_read(f->entry, BYTES_SIZE - 7, bytes, 100), 7);
	assert_int_equal(entry_read(f->entry, BYTES_SIZE, bytes, 100), 0);
}

static void an_entry_with_all_segments_is_complete(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	assert_true(entry_complete(f->entry));
	assert_true(entry_covers(f->entry, 0, BYTES_SIZE));
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
}

static void a_segment_without_bytes_is_there_from_the_start(void **state)
{
	struct fixture *f = *state;

	assert_true(entry_has(f->entry, 1));
	assert_int_equal(entry_begin(f->entry, 1), -EEXIST);
}

static void an_entry_without_bytes_is_complete(void **state)
{
	struct fixture *f = *state;
	const uint64_t starts[] = {0, 0};
	const struct entry_layout layout = {1, starts};
	struct key key = bytes_key(99);
	struct entry *entry;
	char byte;

	assert_int_equal(entry_open(f->store, &key, &layout, &entry), 0);
	assert_true(entry_complete(entry));
	assert_int_equal(entry_read(entry, 0, &byte, 1), 0);
	entry_unref(entry);
}

static void the_segment_of_an_offset_is_the_one_that_holds_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(entry_segment_at(f->entry, 0), 0);
	assert_int_equal(entry_segment_at(f->entry, 4999), 0);
	assert_int_equal(entry_segment_at(f->entry, 5000), 2);
	assert_int_equal(entry_segment_at(f->entry, 70000), 4);
	assert_int_equal(entry_segment_at(f->entry, BYTES_SIZE - 1), 5);
}

static void an_open_key_gives_the_same_entry(void **state)
{
	struct fixture *f = *state;
	struct entry *again = bytes_open(f->store, 1);

	assert_ptr_equal(again, f->entry);
	entry_unref(again);
}

static void an_open_key_with_another_layout_is_refused(void **state)
{
	struct fixture *f = *state;
	const uint64_t starts[] = {0, BYTES_SIZE};
	const struct entry_layout layout = {1, starts};
	struct key key = bytes_key(1);
	struct entry *entry;

	assert_int_equal(entry_open(f->store, &key, &layout, &entry), -EINVAL);
}

static void the_payload_has_its_final_size_from_the_start(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int fd;

	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
	fd = bytes_file(f->directory, 1, "data");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, BYTES_SIZE);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

static void segments_are_found_after_a_restart(void **state)
{
	struct fixture *f = *state;
	uint64_t found = counter_get(COUNTER_segments_found);

	assert_int_equal(bytes_render(f->entry, 1, 0), 0);
	assert_int_equal(bytes_render(f->entry, 1, 3), 0);
	reopen(f);
	assert_true(entry_has(f->entry, 0));
	assert_true(entry_has(f->entry, 3));
	assert_false(entry_has(f->entry, 2));
	assert_int_not_equal(bytes_check(f->entry, 1), -1);
	assert_int_equal(counter_get(COUNTER_segments_found), found + 2);
}

static void an_entry_is_complete_again_after_a_restart(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	reopen(f);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
	assert_true(entry_complete(f->entry));
}

static void a_segment_of_another_store_is_found_by_begin(void **state)
{
	struct fixture *f = *state;
	struct store *other = bytes_store(f->directory);
	struct entry *theirs = bytes_open(other, 1);

	assert_int_equal(bytes_render(theirs, 1, 2), 0);
	assert_false(entry_has(f->entry, 2));
	assert_int_equal(entry_begin(f->entry, 2), -EEXIST);
	assert_true(entry_has(f->entry, 2));
	assert_int_equal(bytes_render_all(f->entry, 1), 0);
	assert_int_equal(bytes_check(f->entry, 1), BYTES_SIZE);
	entry_unref(theirs);
	store_destroy(other);
}

static void two_stores_may_write_one_segment_at_once(void **state)
{
	struct fixture *f = *state;
	struct store *other = bytes_store(f->directory);
	struct entry *theirs = bytes_open(other, 1);

	assert_int_equal(entry_begin(f->entry, 3), 0);
	assert_int_equal(entry_begin(theirs, 3), 0);
	assert_int_equal(bytes_append(f->entry, 1, 3, 0, 20000), 0);
	assert_int_equal(bytes_append(theirs, 1, 3, 0, 50000), 0);
	assert_int_equal(bytes_append(f->entry, 1, 3, 20000, 50000), 0);
	assert_int_equal(entry_commit(theirs, 3), 0);
	assert_int_equal(entry_commit(f->entry, 3), 0);
	entry_unref(theirs);
	store_destroy(other);
	reopen(f);
	assert_true(entry_has(f->entry, 3));
	assert_int_not_equal(bytes_check(f->entry, 1), -1);
	assert_true(entry_has(f->entry, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_entry_has_no_byte),
		TEST(opening_an_entry_makes_no_file),
		TEST(a_segment_is_claimed_once),
		TEST(appended_bytes_are_read_before_the_commit),
		TEST(a_committed_segment_is_there),
		TEST(a_commit_with_bytes_missing_is_an_abort),
		TEST(an_aborted_segment_can_be_claimed_again),
		TEST(bytes_past_the_end_are_refused_whole),
		TEST(a_read_crosses_segments_and_stops_at_the_gap),
		TEST(a_read_stops_at_the_end),
		TEST(an_entry_with_all_segments_is_complete),
		TEST(a_segment_without_bytes_is_there_from_the_start),
		TEST(an_entry_without_bytes_is_complete),
		TEST(the_segment_of_an_offset_is_the_one_that_holds_it),
		TEST(an_open_key_gives_the_same_entry),
		TEST(an_open_key_with_another_layout_is_refused),
		TEST(the_payload_has_its_final_size_from_the_start),
		TEST(segments_are_found_after_a_restart),
		TEST(an_entry_is_complete_again_after_a_restart),
		TEST(a_segment_of_another_store_is_found_by_begin),
		TEST(two_stores_may_write_one_segment_at_once),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
