/* UTF-8 into what ID3v2.3 takes. */
#include "transcode/worker/tags/text.h"

#include "scratch.h"

static void check(enum text_encoding encoding, const char *text,
		  const char *expected, size_t size)
{
	uint8_t bytes[64];

	assert_int_equal(text_size(encoding, text), size);
	text_write(encoding, text, bytes);
	assert_memory_equal(bytes, expected, size);
}

static void latin1_is_enough_for_western_names(void **state)
{
	(void)state;
	assert_true(text_fits_latin1("Bj\xc3\xb6rk"));
	check(TEXT_LATIN1, "Bj\xc3\xb6rk", "Bj\xf6rk", 5);
}

static void others_become_utf16(void **state)
{
	(void)state;
	assert_false(text_fits_latin1("\xe6\x9d\xb1"));
	check(TEXT_UTF16, "a\xe6\x9d\xb1",
	      "\xff\xfe"
	      "a\0"
	      "\x71\x67",
	      6);
	check(TEXT_UTF16, "\xf0\x9d\x84\x9e", "\xff\xfe\x34\xd8\x1e\xdd", 6);
}

static void invalid_bytes_stand_for_themselves(void **state)
{
	static const char *const wrong[] = {
		"\xff",
		"\xc3",
		"\xc0\x80",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"\xe6\x9d",
		"\xf8\x88\x80\x80",
		"a\x80z",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_true(text_fits_latin1(wrong[i]));
		check(TEXT_LATIN1, wrong[i], wrong[i], strlen(wrong[i]));
	}
}

/* Whatever the bytes, what is counted is what is written. */
static void size_and_writing_agree_on_anything(void **state)
{
	uint64_t random = scratch_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[16] = "";
		uint8_t bytes[64];

		for (int i = 0; i < 15; i++)
			text[i] = (char)(scratch_random(&random) | 0x80);
		for (int e = TEXT_LATIN1; e <= TEXT_UTF16; e++) {
			size_t size = text_size(e, text);

			assert_true(size < sizeof(bytes));
			memset(bytes, 0xa5, sizeof(bytes));
			text_write(e, text, bytes);
			assert_int_equal(bytes[size], 0xa5);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latin1_is_enough_for_western_names),
		cmocka_unit_test(others_become_utf16),
		cmocka_unit_test(invalid_bytes_stand_for_themselves),
		cmocka_unit_test(size_and_writing_agree_on_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
