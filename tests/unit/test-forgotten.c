/* Places of files that the kernel has forgotten. */
#include "fs/forgotten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Spread as hashes are, and no two the same. */
static uint64_t number_of(uint64_t i)
{
	return i * 0x9e3779b97f4a7c15u;
}

static const char *key_of(uint64_t i)
{
	static char key[100];

	snprintf(key, sizeof(key), "medium/Artist %llu/Album/Track.mp3",
		 (unsigned long long)i);
	return key;
}

static void keep(struct forgotten *forgotten, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		forgotten_keep(forgotten, number_of(i), key_of(i));
}

static void each_number_leads_to_its_path(void **state)
{
	struct forgotten *forgotten = forgotten_create();

	(void)state;
	assert_non_null(forgotten);
	keep(forgotten, 0, 100000);
	keep(forgotten, 0, 100000); /* changes nothing */
	for (uint64_t i = 0; i < 100000; i++)
		assert_string_equal(forgotten_find(forgotten, number_of(i)),
				    key_of(i));
	assert_null(forgotten_find(forgotten, number_of(100000)));
	forgotten_destroy(forgotten);
}

static void the_oldest_go_when_it_is_full(void **state)
{
	struct forgotten *forgotten = forgotten_create();
	uint64_t count = FORGOTTEN_MAX / 40;
	uint64_t first = 0;

	(void)state;
	assert_non_null(forgotten);
	keep(forgotten, 0, count);
	while (!forgotten_find(forgotten, number_of(first)))
		first++;
	assert_in_range(first, count / 4, count - FORGOTTEN_MAX / 80);
	for (uint64_t i = first; i < count; i++)
		assert_string_equal(forgotten_find(forgotten, number_of(i)),
				    key_of(i));
	keep(forgotten, 0, 1); /* is there again */
	assert_string_equal(forgotten_find(forgotten, number_of(0)), key_of(0));
	forgotten_destroy(forgotten);
}

static void a_path_of_any_length_does_no_harm(void **state)
{
	static char key[300000];
	struct forgotten *forgotten = forgotten_create();

	(void)state;
	assert_non_null(forgotten);
	forgotten_keep(forgotten, 2, "");
	memset(key, 'a', 4095);
	forgotten_keep(forgotten, 3, key);
	memset(key, 'a', sizeof(key) - 1);
	forgotten_keep(forgotten, 4, key);
	assert_string_equal(forgotten_find(forgotten, 2), "");
	assert_int_equal(strlen(forgotten_find(forgotten, 3)), 4095);
	assert_null(forgotten_find(forgotten, 4));
	forgotten_destroy(forgotten);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_leads_to_its_path),
		cmocka_unit_test(the_oldest_go_when_it_is_full),
		cmocka_unit_test(a_path_of_any_length_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
