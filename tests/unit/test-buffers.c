/* What is counted of buffers, and the list of them all. */
#include "cache/memory/buffer.h"
#include "cache/memory/pool.h"
#include "cache/memory/ring.h"
#include "cache/memory/stream.h"

#include "buffers_shown.h"

#include <pthread.h>

static struct buffer *make_buffer(const char *name, size_t size)
{
	struct buffer *buffer;

	assert_int_equal(buffer_create(name, size, &buffer), 0);
	return buffer;
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
	buffer_destroy(buffer);
}

static void buffers_of_one_name_are_shown_as_one(void **state)
{
	struct buffer *one = make_buffer("one", 100);
	struct buffer *two = make_buffer("one", 20);

	(void)state;
	buffer_write(one, 0, "hello", 5);
	buffer_write(two, 0, "hello", 3);
	buffer_read(two, 0, (char[4]){0}, 4);
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
	buffer_destroy(one);
	buffer_destroy(two);
}

static void what_closed_buffers_did_stays_in_the_sums(void **state)
{
	struct buffer *buffer = make_buffer("closed", 50);

	(void)state;
	buffer_write(buffer, 0, "hello", 5);
	buffer_destroy(buffer);
	assert_shown("closed", "count", "0");
	assert_shown("closed", "state", "closed");
	assert_shown("closed", "size", "0");
	assert_shown("closed", "memory", "0");
	assert_shown("closed", "writes", "1");
	assert_shown("closed", "written_bytes", "5");
	buffer = make_buffer("closed", 50);
	buffer_write(buffer, 0, "hello", 2);
	assert_shown("closed", "state", "ready");
	assert_shown("closed", "writes", "2");
	assert_shown("closed", "written_bytes", "7");
	buffer_destroy(buffer);
}

static void the_worst_state_of_a_name_is_shown(void **state)
{
	struct stream *empty, *full, *failed;
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
	stream_destroy(failed);
	assert_shown("worst", "state", "full");
	stream_destroy(full);
	stream_destroy(empty);
}

static void the_last_error_is_named_also_after_the_close(void **state)
{
	struct stream *stream;
	uint64_t offset;

	(void)state;
	assert_int_equal(stream_create("error", "/no/place", 1 << 20, &stream),
			 0);
	assert_int_equal(stream_take(stream, 1, &offset), -ENOENT);
	assert_shown("error", "errors", "1");
	stream_destroy(stream);
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
	buffer_destroy(buffer);
}

static struct buffer_use holds_nothing(const struct buffer_metrics *metrics)
{
	(void)metrics;
	return (struct buffer_use){0};
}

static void means_are_in_microseconds_and_rates_below_one(void **state)
{
	struct buffer_metrics metrics = {0};

	(void)state;
	assert_int_equal(buffer_metrics_init(&metrics, BUFFER_MEMORY, "means",
					     50, holds_nothing),
			 0);
	buffer_count_read(&metrics, 1, 2000000);
	buffer_count_read(&metrics, 1, 500);
	buffer_count_write(&metrics, 1, 1079);
	for (int i = 0; i < 3; i++)
		buffer_count_lookup(&metrics, i < 2);
	assert_shown("means", "mean_read_us", "1000.25");
	assert_shown("means", "mean_write_us", "1.079");
	assert_shown("means", "hit_rate", "0.666");
	buffer_metrics_release(&metrics);
}

static void buffers_are_sorted_by_kind_and_name(void **state)
{
	static const char query[] =
		"SELECT group_concat(json_extract(value, '$.name'), ',')"
		" FROM json_each(?1, '$.buffers')"
		" WHERE json_extract(value, '$.name') LIKE 'sort %'";
	struct buffer *d = make_buffer("sort d", 1);
	struct buffer *c = make_buffer("sort c", 1);
	struct pool *pools[3];
	struct ring *ring;

	(void)state;
	assert_int_equal(pool_create("sort b", 0, &pools[0]), 0);
	assert_int_equal(pool_create("sort a", 0, &pools[1]), 0);
	assert_int_equal(ring_create("sort a", 4096, &ring), 0);
	assert_int_equal(pool_create("sort e", 0, &pools[2]), 0);
	assert_answer(ask(query, NULL, NULL),
		      "sort c,sort d,sort a,sort a,sort b,sort e");
	for (int i = 0; i < 3; i++)
		pool_destroy(pools[i]);
	ring_destroy(ring);
	buffer_destroy(c);
	buffer_destroy(d);
}

static void totals_are_sums_over_all_buffers(void **state)
{
	uint64_t memory = total("memory"), writes = total("writes");
	uint64_t reads = total("reads"), errors = total("errors");
	uint64_t disk = total("disk"), offset;
	struct buffer *buffer = make_buffer("totals", 12345);
	struct stream *stream;
	struct pool *pool;
	char *directory = scratch_make();

	(void)state;
	assert_int_equal(pool_create("totals", POOL_PAGE, &pool), 0);
	assert_int_equal(pool_take(pool, 1, &offset), 0);
	assert_int_equal(stream_create("totals", directory, 1 << 20, &stream),
			 0);
	assert_int_equal(stream_take(stream, 65536, &offset), 0);
	buffer_write(buffer, 0, "x", 1);
	buffer_read(buffer, 0, (char[1]){0}, 1);
	assert_int_equal(pool_read(pool, POOL_PAGE, (char[1]){0}, 1), -ENXIO);
	assert_int_equal(total("memory"), memory + 12345 + POOL_PAGE);
	assert_int_equal(total("disk"), disk + 65536);
	assert_int_equal(total("reads"), reads + 1);
	assert_int_equal(total("writes"), writes + 1);
	assert_int_equal(total("errors"), errors + 1);
	pool_destroy(pool);
	stream_destroy(stream);
	buffer_destroy(buffer);
	assert_int_equal(total("memory"), memory);
	assert_int_equal(total("disk"), disk);
	scratch_remove(directory);
}

static void totals_hold_the_machine_s_memory(void **state)
{
	uint64_t memory = total("system_memory");

	(void)state;
	if (!scratch_proc())
		skip();
	assert_in_range(memory, (uint64_t)1 << 26, (uint64_t)1 << 50);
	assert_in_range(total("system_available"), 1 << 20, memory);
	assert_in_range(total("daemon_resident"), 1 << 16, memory);
}

static size_t printed_size(void)
{
	char *text = print_buffers();
	size_t size = strlen(text);

	free(text);
	return size;
}

/* buffers.json has 8192 bytes. */
static void a_buffer_of_large_numbers_takes_less_than_600_bytes(void **state)
{
	size_t before = printed_size();
	struct buffer_metrics metrics = {0};

	(void)state;
	assert_int_equal(buffer_metrics_init(&metrics, BUFFER_STREAMING,
					     "decoded audio or longer", 1 << 20,
					     holds_nothing),
			 0);
	for (int i = 0; i < 1000; i++) {
		buffer_count_read(&metrics, INT64_MAX >> 11, INT64_MAX >> 11);
		buffer_count_write(&metrics, INT64_MAX >> 11, INT64_MAX >> 11);
	}
	assert_in_range(printed_size() - before, 300, 600);
	buffer_metrics_release(&metrics);
}

static void *open_and_close(void *argument)
{
	const char *name = argument;

	for (int i = 0; i < 500; i++) {
		struct buffer *buffer;

		if (buffer_create(name, 10, &buffer) < 0)
			break;
		buffer_write(buffer, 0, "x", 1);
		buffer_destroy(buffer);
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
		free(print_buffers());
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
