/* The buffer on the heap. */
#include "cache/memory/buffer.h"

#include "buffers_shown.h"

static struct buffer *make_buffer(const char *name, size_t size)
{
	struct buffer *buffer;

	assert_int_equal(buffer_create(name, size, &buffer), 0);
	return buffer;
}

static void a_new_buffer_is_zeroed(void **state)
{
	struct buffer *buffer = make_buffer("zeroed", 100);
	static const char zeros[100];
	char bytes[100];

	(void)state;
	assert_int_equal(buffer_read(buffer, 0, bytes, 100), 100);
	assert_memory_equal(bytes, zeros, 100);
	buffer_destroy(buffer);
}

static void what_was_written_is_read_back(void **state)
{
	struct buffer *buffer = make_buffer("written", 100);
	char back[6];

	(void)state;
	assert_int_equal(buffer_write(buffer, 94, "hello", 6), 6);
	assert_int_equal(buffer_read(buffer, 94, back, 6), 6);
	assert_string_equal(back, "hello");
	buffer_destroy(buffer);
}

static void the_end_cuts_what_crosses_it(void **state)
{
	struct buffer *buffer = make_buffer("cut", 10);
	char bytes[20] = "0123456789abcdefghi";

	(void)state;
	assert_int_equal(buffer_write(buffer, 4, bytes, 20), 6);
	assert_int_equal(buffer_read(buffer, 8, bytes, 20), 2);
	assert_memory_equal(bytes, "45", 2);
	assert_int_equal(buffer_read(buffer, 10, bytes, 1), 0);
	assert_int_equal(buffer_write(buffer, UINT64_MAX, bytes, 20), 0);
	buffer_destroy(buffer);
}

static void a_buffer_of_no_bytes_is_one(void **state)
{
	struct buffer *buffer = make_buffer("none", 0);
	char byte;

	(void)state;
	assert_int_equal(buffer_size(buffer), 0);
	assert_int_equal(buffer_read(buffer, 0, &byte, 1), 0);
	assert_int_equal(buffer_write(buffer, 0, "x", 1), 0);
	buffer_destroy(buffer);
}

static void more_than_there_is_memory_is_an_error(void **state)
{
	struct buffer *buffer;

	(void)state;
	assert_int_equal(buffer_create("much", SIZE_MAX, &buffer), -ENOMEM);
}

static void its_bytes_are_the_ones_that_are_read(void **state)
{
	struct buffer *buffer = make_buffer("bytes", 10);
	char byte;

	(void)state;
	buffer_bytes(buffer)[9] = 'x';
	assert_int_equal(buffer_read(buffer, 9, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	buffer_destroy(buffer);
}

static void destroying_nothing_is_allowed(void **state)
{
	(void)state;
	buffer_destroy(NULL);
}

static void what_was_read_and_written_is_counted(void **state)
{
	struct buffer *buffer = make_buffer("counted", 100);
	char bytes[60] = {0};

	(void)state;
	buffer_write(buffer, 0, bytes, 60);
	buffer_write(buffer, 60, bytes, 60);
	buffer_read(buffer, 0, bytes, 10);
	assert_shown("counted", "kind", "memory");
	assert_shown("counted", "state", "ready");
	assert_shown("counted", "size", "100");
	assert_shown("counted", "memory", "100");
	assert_shown("counted", "disk", "0");
	assert_shown("counted", "writes", "2");
	assert_shown("counted", "written_bytes", "100");
	assert_shown("counted", "reads", "1");
	assert_shown("counted", "read_bytes", "10");
	assert_shown("counted", "errors", "0");
	assert_shown("counted", "last_error", NULL);
	buffer_destroy(buffer);
}

static void what_moved_nothing_is_not_counted(void **state)
{
	struct buffer *buffer = make_buffer("unmoved", 4);
	char byte;

	(void)state;
	buffer_read(buffer, 4, &byte, 1);
	buffer_write(buffer, 4, "x", 1);
	buffer_read(buffer, 0, &byte, 0);
	assert_shown("unmoved", "reads", "0");
	assert_shown("unmoved", "writes", "0");
	buffer_destroy(buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_zeroed),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(the_end_cuts_what_crosses_it),
		cmocka_unit_test(a_buffer_of_no_bytes_is_one),
		cmocka_unit_test(more_than_there_is_memory_is_an_error),
		cmocka_unit_test(its_bytes_are_the_ones_that_are_read),
		cmocka_unit_test(destroying_nothing_is_allowed),
		cmocka_unit_test(what_was_read_and_written_is_counted),
		cmocka_unit_test(what_moved_nothing_is_not_counted),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
