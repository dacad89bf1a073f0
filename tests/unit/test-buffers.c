/* The list of all buffers, as SQLite reads its JSON. */
#include "cache/memory/buffer.h"
#include "cache/memory/pool.h"
#include "cache/memory/stream.h"

#include "scratch.h"

#include <pthread.h>
#include <sqlite3.h>

static struct buffer *make_buffer(const char *name, size_t size)
{
	struct buffer *buffer;

	assert_int_equal(buffer_create(name, size, &buffer), 0);
	return buffer;
}

/* All buffers as one JSON object, to be freed. */
static char *print(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fprintf(out, "{");
	buffers_print(out);
	fprintf(out, "}");
	fclose(out);
	return text;
}

/* What a query finds in what is printed (?1), to be freed; NULL: null. */
static char *ask(const char *query, const char *name, const char *member)
{
	char *text = print(), *answer = NULL;
	sqlite3_stmt *statement;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, member, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	if (sqlite3_column_type(statement, 0) != SQLITE_NULL) {
		answer =
			strdup((const char *)sqlite3_column_text(statement, 0));
		assert_non_null(answer);
	}
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	free(text);
	return answer;
}

static void assert_answer(char *answer, const char *expected)
{
	if (expected) {
		assert_non_null(answer);
		assert_string_equal(answer, expected);
	} else {
		assert_null(answer);
	}
	free(answer);
}

/* What is printed of the buffers of one name, which are of one kind. */
static void assert_shown(const char *name, const char *member,
			 const char *expected)
{
	static const char query[] = "SELECT json_extract(value, '$.' || ?3)"
				    " FROM json_each(?1, '$.buffers')"
				    " WHERE json_extract(value, '$.name') = ?2";

	assert_answer(ask(query, name, member), expected);
}

static uint64_t total(const char *member)
{
	char *answer =
		ask("SELECT json_extract(?1, '$.totals.' || ?3)", NULL, member);
	uint64_t value;

	assert_non_null(answer);
	value = strtoull(answer, NULL, 10);
	free(answer);
	return value;
}

static void the_list_is_valid_json(void **state)
{
	struct buffer *buffer = make_buffer("valid", 1);

	(void)state;
	assert_answer(ask("SELECT json_valid(?1)", NULL, NULL), "1");
	buffer_close(buffer);
}

static void buffers_of_one_name_are_shown_as_one(void **state)
{
	struct buffer *one = make_buffer("one", 100);
	struct buffer *two = make_buffer("one", 20);

	(void)state;
	buffer_write(one, "hello", 5);
	buffer_write(two, "hello", 3);
	buffer_read_at(two, 0, (char[4]){0}, 4);
	assert_shown("one", "kind", "memory");
	assert_shown("one", "count", "2");
	assert_shown("one", "state", "ready");
	assert_shown("one", "size", "120");
	assert_shown("one", "memory", "120");
	assert_shown("one", "disk", "0");
	assert_shown("one", "reads", "1");
	assert_shown("one", "writes", "2");
	assert_shown("one", "read_bytes", "4");
	assert_shown("one", "written_bytes", "8");
	assert_shown("one", "errors", "0");
	assert_shown("one", "last_error", NULL);
	buffer_close(one);
	buffer_close(two);
}

static void what_closed_buffers_did_stays_in_the_sums(void **state)
{
	struct buffer *buffer = make_buffer("closed", 50);

	(void)state;
	buffer_write(buffer, "hello", 5);
	buffer_close(buffer);
	assert_shown("closed", "count", "0");
	assert_shown("closed", "state", "closed");
	assert_shown("closed", "size", "0");
	assert_shown("closed", "memory", "0");
	assert_shown("closed", "writes", "1");
	assert_shown("closed", "written_bytes", "5");
	buffer = make_buffer("closed", 50);
	buffer_write(buffer, "hello", 2);
	assert_shown("closed", "state", "ready");
	assert_shown("closed", "writes", "2");
	assert_shown("closed", "written_bytes", "7");
	buffer_close(buffer);
}

static void the_worst_state_of_a_name_is_shown(void **state)
{
	struct buffer *empty, *full, *failed;
	uint64_t offset;

	(void)state;
	assert_int_equal(stream_create("worst", "/tmp", POOL_PAGE, &empty), 0);
	assert_shown("worst", "state", "ready");
	assert_int_equal(stream_create("worst", "/tmp", 0, &full), 0);
	assert_shown("worst", "state", "full");
	assert_int_equal(stream_create("worst", "/no/place", 1 << 20, &failed),
			 0);
	assert_int_equal(stream_take(failed, 1, &offset), -ENOENT);
	assert_shown("worst", "state", "failed");
	buffer_close(failed);
	assert_shown("worst", "state", "full");
	buffer_close(full);
	buffer_close(empty);
}

static void the_last_error_is_named_also_after_the_close(void **state)
{
	struct buffer *stream;
	uint64_t offset;

	(void)state;
	assert_int_equal(stream_create("error", "/no/place", 1 << 20, &stream),
			 0);
	assert_int_equal(stream_take(stream, 1, &offset), -ENOENT);
	assert_shown("error", "errors", "1");
	buffer_close(stream);
	assert_shown("error", "errors", "1");
	assert_shown("error", "last_error", "ENOENT");
}

static void means_and_rates_of_nothing_are_null(void **state)
{
	struct buffer *buffer = make_buffer("nothing", 50);

	(void)state;
	assert_shown("nothing", "mean_read_us", NULL);
	assert_shown("nothing", "mean_write_us", NULL);
	assert_shown("nothing", "hit_rate", NULL);
	buffer_close(buffer);
}

static void means_are_in_microseconds_and_rates_below_one(void **state)
{
	struct buffer *buffer = make_buffer("means", 50);

	(void)state;
	buffer_count_read(buffer, 1, 2000000);
	buffer_count_read(buffer, 1, 500);
	buffer_count_write(buffer, 1, 1079);
	for (int i = 0; i < 3; i++)
		buffer_count_lookup(buffer, i < 2);
	assert_shown("means", "mean_read_us", "1000.25");
	assert_shown("means", "mean_write_us", "1.079");
	assert_shown("means", "hit_rate", "0.666");
	buffer_close(buffer);
}

static void buffers_are_sorted_by_kind_and_name(void **state)
{
	static const char query[] =
		"SELECT group_concat(json_extract(value, '$.name'), ',')"
		" FROM json_each(?1, '$.buffers')"
		" WHERE json_extract(value, '$.name') LIKE 'sort %'";
	struct buffer *buffers[6];

	(void)state;
	assert_int_equal(pool_create("sort b", 0, &buffers[0]), 0);
	assert_int_equal(pool_create("sort a", 0, &buffers[1]), 0);
	buffers[2] = make_buffer("sort d", 1);
	buffers[3] = make_buffer("sort c", 1);
	assert_int_equal(buffer_create_ring("sort a", 4096, &buffers[4]), 0);
	assert_int_equal(pool_create("sort e", 0, &buffers[5]), 0);
	assert_answer(ask(query, NULL, NULL),
		      "sort c,sort d,sort a,sort a,sort b,sort e");
	for (int i = 0; i < 6; i++)
		buffer_close(buffers[i]);
}

static void totals_are_sums_over_all_buffers(void **state)
{
	uint64_t memory = total("memory"), writes = total("writes");
	uint64_t reads = total("reads"), errors = total("errors");
	uint64_t disk = total("disk"), offset;
	struct buffer *buffer = make_buffer("totals", 12345), *stream, *pool;
	char *directory = scratch_make();

	(void)state;
	assert_int_equal(pool_create("totals", POOL_PAGE, &pool), 0);
	assert_int_equal(pool_take(pool, 1, &offset), 0);
	assert_int_equal(stream_create("totals", directory, 1 << 20, &stream),
			 0);
	assert_int_equal(stream_take(stream, 65536, &offset), 0);
	buffer_write(buffer, "x", 1);
	buffer_read(buffer, (char[1]){0}, 1);
	assert_int_equal(buffer_read_at(pool, POOL_PAGE, (char[1]){0}, 1),
			 -ENXIO);
	assert_int_equal(total("memory"), memory + 12345 + POOL_PAGE);
	assert_int_equal(total("disk"), disk + 65536);
	assert_int_equal(total("reads"), reads + 1);
	assert_int_equal(total("writes"), writes + 1);
	assert_int_equal(total("errors"), errors + 1);
	buffer_close(pool);
	buffer_close(stream);
	buffer_close(buffer);
	assert_int_equal(total("memory"), memory);
	assert_int_equal(total("disk"), disk);
	scratch_remove(directory);
}

static void totals_hold_the_machine_s_memory(void **state)
{
	uint64_t memory = total("system_memory");

	(void)state;
	assert_in_range(memory, (uint64_t)1 << 26, (uint64_t)1 << 50);
	assert_in_range(total("system_available"), 1 << 20, memory);
	assert_in_range(total("daemon_resident"), 1 << 16, memory);
}

static size_t printed_size(void)
{
	char *text = print();
	size_t size = strlen(text);

	free(text);
	return size;
}

/* buffers.json has 8192 bytes. */
static void a_buffer_of_large_numbers_takes_less_than_600_bytes(void **state)
{
	size_t before = printed_size();
	struct buffer *buffer = make_buffer("decoded audio or longer", 1 << 20);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buffer_count_read(buffer, SIZE_MAX >> 12, UINT64_MAX >> 12);
		buffer_count_write(buffer, SIZE_MAX >> 12, UINT64_MAX >> 12);
	}
	assert_in_range(printed_size() - before, 300, 600);
	buffer_close(buffer);
}

static void *open_and_close(void *argument)
{
	const char *name = argument;

	for (int i = 0; i < 500; i++) {
		struct buffer *buffer;

		if (buffer_create(name, 10, &buffer) < 0)
			break;
		buffer_write(buffer, "x", 1);
		buffer_close(buffer);
	}
	return NULL;
}

static void buffers_come_and_go_while_they_are_printed(void **state)
{
	static char name[] = "crowd";
	pthread_t threads[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, open_and_close, name),
			0);
	for (int i = 0; i < 100; i++)
		free(print());
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_shown(name, "count", "0");
	assert_shown(name, "writes", "1000");
	assert_shown(name, "written_bytes", "1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_valid_json),
		cmocka_unit_test(buffers_of_one_name_are_shown_as_one),
		cmocka_unit_test(what_closed_buffers_did_stays_in_the_sums),
		cmocka_unit_test(the_worst_state_of_a_name_is_shown),
		cmocka_unit_test(the_last_error_is_named_also_after_the_close),
		cmocka_unit_test(means_and_rates_of_nothing_are_null),
		cmocka_unit_test(means_are_in_microseconds_and_rates_below_one),
		cmocka_unit_test(buffers_are_sorted_by_kind_and_name),
		cmocka_unit_test(totals_are_sums_over_all_buffers),
		cmocka_unit_test(totals_hold_the_machine_s_memory),
		cmocka_unit_test(
			a_buffer_of_large_numbers_takes_less_than_600_bytes),
		cmocka_unit_test(buffers_come_and_go_while_they_are_printed),
	};

	return cmocka_run_group_tests_name("buffers", tests, NULL, NULL);
}
