/* Segments in memory, for want of room on disk, under one budget. */
#include "entry_bytes.h"

#include "base/counters.h"

/* A store whose size limit lets nothing onto the disk. */
static struct store *store_of_fallbacks(const char *directory, uint64_t bytes)
{
	return bytes_store_with(
		directory, (struct store_limits){.size = 1, .fallback = bytes});
}

static void without_room_on_disk_an_entry_lives_in_memory(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 1 << 20);
	struct entry *entry = bytes_open(store, 1);
	uint64_t before = counter_get(COUNTER_segments_in_memory);

	(void)state;
	assert_int_equal(bytes_render_all(entry, 1), 0);
	assert_true(entry_complete(entry));
	assert_int_equal(bytes_check(entry, 1), BYTES_SIZE);
	assert_int_equal(counter_get(COUNTER_segments_in_memory), before + 5);
	assert_int_equal(bytes_used(store), 0);
	entry_unref(entry);
	store_destroy(store);
	scratch_remove(directory);
}

static void bytes_appended_in_memory_are_read_before_the_commit(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 1 << 20);
	struct entry *entry = bytes_open(store, 1);
	uint8_t bytes[5000];

	(void)state;
	assert_int_equal(entry_begin(entry, 0), 0);
	assert_int_equal(bytes_append(entry, 1, 0, 0, 1234), 0);
	assert_int_equal(entry_read(entry, 0, bytes, 5000), 1234);
	assert_true(bytes_right(1, 0, bytes, 1234));
	entry_abort(entry, 0);
	entry_unref(entry);
	store_destroy(store);
	scratch_remove(directory);
}

static void the_oldest_segment_in_memory_makes_room(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 69999);
	struct entry *first = bytes_open(store, 1);
	struct entry *second = bytes_open(store, 2);

	(void)state;
	assert_int_equal(bytes_render(first, 1, 0), 0);
	assert_int_equal(bytes_render(first, 1, 2), 0);
	assert_int_equal(bytes_render(second, 2, 3), 0);
	assert_false(entry_has(first, 0));
	assert_true(entry_has(first, 2));
	assert_true(entry_has(second, 3));
	assert_int_not_equal(bytes_check(first, 1), -1);
	entry_unref(first);
	entry_unref(second);
	store_destroy(store);
	scratch_remove(directory);
}

static void a_dropped_segment_ends_completeness(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, BYTES_SIZE);
	struct entry *first = bytes_open(store, 1);
	struct entry *second = bytes_open(store, 2);

	(void)state;
	assert_int_equal(bytes_render_all(first, 1), 0);
	assert_true(entry_complete(first));
	assert_int_equal(bytes_render(second, 2, 4), 0);
	assert_false(entry_complete(first));
	assert_false(entry_covers(first, 0, BYTES_SIZE));
	entry_unref(first);
	entry_unref(second);
	store_destroy(store);
	scratch_remove(directory);
}

static void what_is_being_written_in_memory_is_not_dropped(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 50000);
	struct entry *entry = bytes_open(store, 1);

	(void)state;
	assert_int_equal(entry_begin(entry, 3), 0);
	assert_int_equal(bytes_append(entry, 1, 3, 0, 10), 0);
	assert_int_equal(bytes_render(entry, 1, 0), -ENOMEM);
	assert_false(entry_has(entry, 0));
	assert_int_equal(bytes_append(entry, 1, 3, 10, 50000), 0);
	assert_int_equal(entry_commit(entry, 3), 0);
	assert_true(entry_has(entry, 3));
	entry_unref(entry);
	store_destroy(store);
	scratch_remove(directory);
}

static void the_last_unref_frees_memory_for_others(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 50000);
	struct entry *first = bytes_open(store, 1);
	struct entry *second = bytes_open(store, 2);

	(void)state;
	assert_int_equal(entry_begin(first, 3), 0);
	assert_int_equal(bytes_append(first, 1, 3, 0, 10), 0);
	entry_unref(first);
	assert_int_equal(bytes_render(second, 2, 3), 0);
	entry_unref(second);
	store_destroy(store);
	scratch_remove(directory);
}

/* What is shown of the buffer "segments", to be freed. */
static char *shown_segments(void)
{
	char *text, *found;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	buffers_print(out);
	fclose(out);
	found = strstr(text, "\"kind\": \"memory\", \"name\": \"segments\"");
	assert_non_null(found);
	found = strndup(found, strcspn(found, "}"));
	free(text);
	return found;
}

static void segments_in_memory_are_shown_as_buffers(void **state)
{
	char *directory = scratch_make();
	struct store *store = store_of_fallbacks(directory, 1 << 20);
	struct entry *entry = bytes_open(store, 1);
	char *text;

	(void)state;
	assert_int_equal(bytes_render_all(entry, 1), 0);
	text = shown_segments();
	assert_non_null(strstr(text, "\"count\": 5,"));
	assert_non_null(strstr(text, "\"memory\": 200000,"));
	free(text);
	entry_unref(entry);
	text = shown_segments();
	assert_non_null(strstr(text, "\"count\": 0,"));
	assert_non_null(strstr(text, "\"memory\": 0,"));
	free(text);
	store_destroy(store);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_room_on_disk_an_entry_lives_in_memory),
		cmocka_unit_test(
			bytes_appended_in_memory_are_read_before_the_commit),
		cmocka_unit_test(the_oldest_segment_in_memory_makes_room),
		cmocka_unit_test(a_dropped_segment_ends_completeness),
		cmocka_unit_test(
			what_is_being_written_in_memory_is_not_dropped),
		cmocka_unit_test(the_last_unref_frees_memory_for_others),
		cmocka_unit_test(segments_in_memory_are_shown_as_buffers),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
