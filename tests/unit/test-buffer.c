/* What all buffers share: the cursor and the metrics; and the ring as one. */
#include "cache/memory/buffer.h"
#include "cache/memory/ring.h"

#include "scratch.h"

#include <pthread.h>
#include <sched.h>

static struct buffer *make_buffer(const char *name, size_t size)
{
	struct buffer *buffer;

	assert_int_equal(buffer_create(name, size, &buffer), 0);
	return buffer;
}

static struct buffer *make_ring(size_t capacity)
{
	struct buffer *buffer;

	assert_int_equal(buffer_create_ring("test", capacity, &buffer), 0);
	return buffer;
}

static void a_new_buffer_is_zeroed(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	static const char zeros[100];
	char bytes[100];

	(void)state;
	assert_int_equal(buffer_read(buffer, bytes, 100), 100);
	assert_memory_equal(bytes, zeros, 100);
	buffer_close(buffer);
}

static void what_was_written_is_read_back(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	char back[6];

	(void)state;
	assert_int_equal(buffer_write_at(buffer, 94, "hello", 6), 6);
	assert_int_equal(buffer_read_at(buffer, 94, back, 6), 6);
	assert_string_equal(back, "hello");
	buffer_close(buffer);
}

static void reading_and_writing_move_the_cursor(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	char back[3];

	(void)state;
	assert_int_equal(buffer_tell(buffer), 0);
	assert_int_equal(buffer_write(buffer, "abcdef", 6), 6);
	assert_int_equal(buffer_tell(buffer), 6);
	assert_int_equal(buffer_seek(buffer, 2), 0);
	assert_int_equal(buffer_read(buffer, back, 3), 3);
	assert_memory_equal(back, "cde", 3);
	assert_int_equal(buffer_tell(buffer), 5);
	buffer_close(buffer);
}

static void offsets_leave_the_cursor_alone(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	char byte;

	(void)state;
	assert_int_equal(buffer_seek(buffer, 7), 0);
	assert_int_equal(buffer_write_at(buffer, 50, "x", 1), 1);
	assert_int_equal(buffer_read_at(buffer, 50, &byte, 1), 1);
	assert_int_equal(buffer_tell(buffer), 7);
	buffer_close(buffer);
}

static void the_end_cuts_what_crosses_it(void **state)
{
	struct buffer *buffer = make_buffer("test", 10);
	char bytes[20] = "0123456789abcdefghi";

	(void)state;
	assert_int_equal(buffer_write_at(buffer, 4, bytes, 20), 6);
	assert_int_equal(buffer_read_at(buffer, 8, bytes, 20), 2);
	assert_memory_equal(bytes, "45", 2);
	assert_int_equal(buffer_read_at(buffer, 10, bytes, 1), 0);
	assert_int_equal(buffer_write_at(buffer, UINT64_MAX, bytes, 20), 0);
	assert_int_equal(buffer_seek(buffer, 10), 0);
	assert_int_equal(buffer_read(buffer, bytes, 1), 0);
	buffer_close(buffer);
}

static void seeking_past_the_end_is_refused(void **state)
{
	struct buffer *buffer = make_buffer("test", 10);

	(void)state;
	assert_int_equal(buffer_seek(buffer, 3), 0);
	assert_int_equal(buffer_seek(buffer, 11), -EINVAL);
	assert_int_equal(buffer_tell(buffer), 3);
	buffer_close(buffer);
}

static void a_buffer_of_no_bytes_is_one(void **state)
{
	struct buffer *buffer = make_buffer("test", 0);
	char byte;

	(void)state;
	assert_int_equal(buffer_size(buffer), 0);
	assert_int_equal(buffer_read(buffer, &byte, 1), 0);
	assert_int_equal(buffer_write(buffer, &byte, 1), 0);
	buffer_close(buffer);
}

static void the_address_is_where_the_bytes_are(void **state)
{
	struct buffer *buffer = make_buffer("test", 10);
	char byte;

	(void)state;
	*buffer_address(buffer, 9) = 'x';
	assert_int_equal(buffer_read_at(buffer, 9, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	buffer_close(buffer);
}

static void closing_nothing_is_allowed(void **state)
{
	(void)state;
	buffer_close(NULL);
}

static void what_was_read_and_written_is_counted(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	struct buffer_metrics metrics;
	char bytes[60] = {0};

	(void)state;
	buffer_write(buffer, bytes, 60);
	buffer_write(buffer, bytes, 60);
	buffer_read_at(buffer, 0, bytes, 10);
	metrics = buffer_metrics(buffer);
	assert_int_equal(metrics.kind, BUFFER_MEMORY);
	assert_string_equal(metrics.state, "ready");
	assert_int_equal(metrics.size, 100);
	assert_int_equal(metrics.memory, 100);
	assert_int_equal(metrics.disk, 0);
	assert_int_equal(metrics.writes, 2);
	assert_int_equal(metrics.written_bytes, 100);
	assert_int_equal(metrics.reads, 1);
	assert_int_equal(metrics.read_bytes, 10);
	assert_int_equal(metrics.errors, 0);
	assert_int_equal(metrics.last_error, 0);
	buffer_close(buffer);
}

static void what_moved_nothing_is_not_counted(void **state)
{
	struct buffer *buffer = make_buffer("test", 4);
	char byte;

	(void)state;
	buffer_read_at(buffer, 4, &byte, 1);
	buffer_write_at(buffer, 4, "x", 1);
	buffer_read(buffer, &byte, 0);
	assert_int_equal(buffer_metrics(buffer).reads, 0);
	assert_int_equal(buffer_metrics(buffer).writes, 0);
	buffer_close(buffer);
}

static void what_others_count_is_added(void **state)
{
	struct buffer *buffer = make_buffer("test", 100);
	struct buffer_metrics metrics;

	(void)state;
	buffer_count_read(buffer, 30, 1000);
	buffer_count_read(buffer, 12, 500);
	buffer_count_write(buffer, 7, 70);
	buffer_count_lookup(buffer, true);
	buffer_count_lookup(buffer, true);
	buffer_count_lookup(buffer, false);
	metrics = buffer_metrics(buffer);
	assert_int_equal(metrics.reads, 2);
	assert_int_equal(metrics.read_bytes, 42);
	assert_int_equal(metrics.read_ns, 1500);
	assert_int_equal(metrics.writes, 1);
	assert_int_equal(metrics.written_bytes, 7);
	assert_int_equal(metrics.write_ns, 70);
	assert_int_equal(metrics.hits, 2);
	assert_int_equal(metrics.misses, 1);
	buffer_close(buffer);
}

static void a_ring_passes_bytes_in_order(void **state)
{
	struct buffer *ring = make_ring(4096);
	char back[10];

	(void)state;
	assert_int_equal(buffer_size(ring), 4096);
	assert_int_equal(buffer_write(ring, "abcdef", 6), 6);
	assert_int_equal(buffer_read(ring, back, 4), 4);
	assert_int_equal(buffer_tell(ring), 4);
	assert_int_equal(buffer_read(ring, back + 4, 6), 2);
	assert_memory_equal(back, "abcdef", 6);
	assert_int_equal(buffer_tell(ring), 6);
	assert_int_equal(buffer_read(ring, back, 1), 0);
	assert_int_equal(buffer_metrics(ring).reads, 2);
	buffer_close(ring);
}

static void a_ring_cannot_be_sought_in(void **state)
{
	struct buffer *ring = make_ring(4096);
	char byte;

	(void)state;
	assert_int_equal(buffer_seek(ring, 0), -ESPIPE);
	assert_int_equal(buffer_read_at(ring, 0, &byte, 1), -ESPIPE);
	assert_int_equal(buffer_write_at(ring, 0, "x", 1), -ESPIPE);
	assert_null(buffer_address(ring, 0));
	buffer_close(ring);
}

static void a_full_ring_says_so(void **state)
{
	struct buffer *ring = make_ring(4096);
	char bytes[4096] = {0};

	(void)state;
	assert_string_equal(buffer_metrics(ring).state, "ready");
	assert_int_equal(buffer_write(ring, bytes, 4096), 4096);
	assert_string_equal(buffer_metrics(ring).state, "full");
	assert_true(buffer_metrics(ring).memory >= 4096);
	assert_int_equal(buffer_write(ring, bytes, 1), 0);
	assert_int_equal(buffer_read(ring, bytes, 1), 1);
	assert_string_equal(buffer_metrics(ring).state, "ready");
	buffer_close(ring);
}

static void a_ring_must_have_a_power_of_two(void **state)
{
	struct buffer *ring;

	(void)state;
	assert_int_equal(buffer_create_ring("test", 4095, &ring), -EINVAL);
}

static void only_a_ring_has_a_ring(void **state)
{
	struct buffer *buffer = make_buffer("test", 1);
	struct buffer *ring = make_ring(4096);

	(void)state;
	assert_null(buffer_ring(buffer));
	assert_true(ring_fd(buffer_ring(ring)) >= 0);
	buffer_close(buffer);
	buffer_close(ring);
}

static void a_producer_that_lies_is_counted_as_an_error(void **state)
{
	struct buffer *ring = make_ring(4096);
	const uint64_t lie = 5000;
	char byte;

	(void)state;
	assert_int_equal(pwrite(ring_fd(buffer_ring(ring)), &lie, 8, 64), 8);
	assert_int_equal(buffer_read(ring, &byte, 1), -EPROTO);
	assert_int_equal(buffer_metrics(ring).errors, 1);
	assert_int_equal(buffer_metrics(ring).last_error, -EPROTO);
	assert_string_equal(buffer_metrics(ring).state, "failed");
	buffer_close(ring);
}

#define STREAM (1 << 20)

static void *produce(void *argument)
{
	struct buffer *ring = argument;
	uint8_t bytes[777];

	for (size_t done = 0; done < STREAM;) {
		size_t size = STREAM - done;
		ssize_t n;

		if (size > sizeof(bytes))
			size = sizeof(bytes);
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)((done + i) % 251);
		n = buffer_write(ring, bytes, size);
		if (n == 0)
			sched_yield();
		done += (size_t)n;
	}
	return NULL;
}

static void one_thread_fills_a_ring_that_another_one_empties(void **state)
{
	struct buffer *ring = make_ring(4096);
	uint8_t bytes[1000];
	pthread_t producer;

	(void)state;
	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	for (size_t done = 0; done < STREAM;) {
		ssize_t n = buffer_read(ring, bytes, sizeof(bytes));

		assert_true(n >= 0);
		if (n == 0)
			sched_yield();
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], (done + (size_t)i) % 251);
		done += (size_t)n;
	}
	pthread_join(producer, NULL);
	assert_int_equal(buffer_tell(ring), STREAM);
	assert_int_equal(buffer_metrics(ring).written_bytes, STREAM);
	buffer_close(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_zeroed),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(reading_and_writing_move_the_cursor),
		cmocka_unit_test(offsets_leave_the_cursor_alone),
		cmocka_unit_test(the_end_cuts_what_crosses_it),
		cmocka_unit_test(seeking_past_the_end_is_refused),
		cmocka_unit_test(a_buffer_of_no_bytes_is_one),
		cmocka_unit_test(the_address_is_where_the_bytes_are),
		cmocka_unit_test(closing_nothing_is_allowed),
		cmocka_unit_test(what_was_read_and_written_is_counted),
		cmocka_unit_test(what_moved_nothing_is_not_counted),
		cmocka_unit_test(what_others_count_is_added),
		cmocka_unit_test(a_ring_passes_bytes_in_order),
		cmocka_unit_test(a_ring_cannot_be_sought_in),
		cmocka_unit_test(a_full_ring_says_so),
		cmocka_unit_test(a_ring_must_have_a_power_of_two),
		cmocka_unit_test(only_a_ring_has_a_ring),
		cmocka_unit_test(a_producer_that_lies_is_counted_as_an_error),
		cmocka_unit_test(
			one_thread_fills_a_ring_that_another_one_empties),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
