/* Names: classes by extension, virtual names, covers. */
#include "library/names.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void extensions_tell_lossless_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(name_classify("Song.flac"), NAME_LOSSLESS);
	assert_int_equal(name_classify("Song.FLAC"), NAME_LOSSLESS);
	assert_int_equal(name_classify("a.b.Aiff"), NAME_LOSSLESS);
}

static void containers_of_both_kinds_must_be_asked(void **state)
{
	(void)state;
	assert_int_equal(name_classify("Song.m4a"), NAME_EITHER);
	assert_int_equal(name_classify("Song.ogg"), NAME_EITHER);
}

static void the_rest_passes_through(void **state)
{
	(void)state;
	assert_int_equal(name_classify("Song.mp3"), NAME_LOSSY);
	assert_int_equal(name_classify("Song.Opus"), NAME_LOSSY);
	assert_int_equal(name_classify("cover.jpg"), NAME_OTHER);
	assert_int_equal(name_classify("flac"), NAME_OTHER);
	assert_int_equal(name_classify(".flac"), NAME_OTHER);
	assert_int_equal(name_classify("._Song.flac"), NAME_OTHER);
}

static void extension_is_replaced_or_added(void **state)
{
	char text[64];

	(void)state;
	assert_int_equal(name_virtual("A.b.flac", "mp3", 0, text, 64), 0);
	assert_string_equal(text, "A.b.mp3");
	assert_int_equal(name_virtual("A.b.flac", "mp3", 1, text, 64), 0);
	assert_string_equal(text, "A.b.flac.mp3");
}

static void a_name_that_grows_too_long_is_refused(void **state)
{
	char text[12];

	(void)state;
	assert_int_equal(name_virtual("Song.flac", "mp3", 0, text, 12), 0);
	assert_int_equal(name_virtual("Song.flac", "mp3", 1, text, 12),
			 -ENAMETOOLONG);
}

static void covers_are_known_by_name_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(name_cover_rank("song.jpg"), 0);
	assert_int_equal(name_cover_rank("cover.txt"), 0);
	assert_int_equal(name_cover_rank("cover"), 0);
	assert_int_equal(name_cover_rank("recover.jpg"), 0);
	assert_int_not_equal(name_cover_rank("Folder.PNG"), 0);
	assert_true(name_cover_rank("COVER.jpg") <
		    name_cover_rank("cover.png"));
	assert_true(name_cover_rank("cover.png") <
		    name_cover_rank("folder.jpg"));
	assert_true(name_cover_rank("folder.jpeg") <
		    name_cover_rank("front.jpg"));
	assert_true(name_cover_rank("front.png") <
		    name_cover_rank("cover.webp"));
	assert_true(name_cover_rank("cover.gif") <
		    name_cover_rank("folder.webp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extensions_tell_lossless_in_any_case),
		cmocka_unit_test(containers_of_both_kinds_must_be_asked),
		cmocka_unit_test(the_rest_passes_through),
		cmocka_unit_test(extension_is_replaced_or_added),
		cmocka_unit_test(a_name_that_grows_too_long_is_refused),
		cmocka_unit_test(covers_are_known_by_name_in_any_case),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
