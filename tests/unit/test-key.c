/* Keys: what they depend on, and that they stay what they are. */
#include "cache/key.h"

#include "scratch.h"

static struct key key_of_texts(const char *a, const char *b)
{
	const struct key_part parts[] = {{a, strlen(a)}, {b, strlen(b)}};

	return key_of(parts, 2);
}

static bool equal(struct key a, struct key b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void equal_parts_give_an_equal_key(void **state)
{
	char copy[] = "flac";

	(void)state;
	assert_true(
		equal(key_of_texts("flac", "mp3"), key_of_texts(copy, "mp3")));
}

static void parts_do_not_run_together(void **state)
{
	(void)state;
	assert_false(equal(key_of_texts("ab", "c"), key_of_texts("a", "bc")));
}

static void the_order_of_parts_counts(void **state)
{
	(void)state;
	assert_false(equal(key_of_texts("a", "b"), key_of_texts("b", "a")));
}

static void an_empty_part_counts(void **state)
{
	const struct key_part parts[] = {{"a", 1}, {NULL, 0}};

	(void)state;
	assert_false(equal(key_of(parts, 1), key_of(parts, 2)));
}

static void the_text_shows_the_bytes_in_order(void **state)
{
	struct key key;
	char text[KEY_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = (uint8_t)(i * 17);
	key_text(&key, text);
	assert_string_equal(text, "00112233445566778899aabbccddeeff");
}

/* Another value here would make every cache out there worthless. */
static void keys_stay_what_they_are(void **state)
{
	struct key key = key_of_texts("groovefs", "mp3");
	char text[KEY_TEXT_SIZE];

	(void)state;
	key_text(&key, text);
	assert_string_equal(text, "ae3a69d5be2bdec6f5c28d057333efbe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_parts_give_an_equal_key),
		cmocka_unit_test(parts_do_not_run_together),
		cmocka_unit_test(the_order_of_parts_counts),
		cmocka_unit_test(an_empty_part_counts),
		cmocka_unit_test(the_text_shows_the_bytes_in_order),
		cmocka_unit_test(keys_stay_what_they_are),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
