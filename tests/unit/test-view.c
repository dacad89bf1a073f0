/* Views, by name. */
#include "library/view.h"

#include "base/log.h"
#include "library/library.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct views views;

static const struct view *views_held[16];
static unsigned views_held_count;

static const struct profile qualities[] = {
	{.name = "medium", .codec = CODEC_MP3, .bit_rate = 192},
	{.name = "wave", .codec = CODEC_WAV, .format = PCM_S16},
};

static const struct catalog_options options = {
	.qualities = qualities,
	.quality_count = 2,
	.decoded = "44100:16000-mono",
	.decoded_on_disk = true,
};

static int set_up(void **state)
{
	(void)state;
	return views_init(&views, &options);
}

static int tear_down(void **state)
{
	(void)state;
	while (views_held_count > 0)
		view_unref(views_held[--views_held_count]);
	views_release(&views);
	return 0;
}

static const struct profile *decoded(const char *name)
{
	const struct view *view;

	assert_int_equal(views_find_decoded(&views, name, &view), 0);
	assert_int_equal(view->kind, VIEW_DECODED);
	assert_string_equal(view_short_name(view), name);
	views_held[views_held_count++] = view;
	return &view->profile;
}

static void qualities_are_found_by_name(void **state)
{
	(void)state;
	assert_int_equal(views_find(&views, "medium")->profile.bit_rate, 192);
	assert_int_equal(views_find(&views, "original")->kind, VIEW_ORIGINAL);
	assert_null(views_find(&views, "pcm"));
	assert_null(views_find(&views, "high"));
}

static void codecs_tell_extensions_and_what_is_kept(void **state)
{
	(void)state;
	assert_string_equal(views_find(&views, "medium")->extension, "mp3");
	assert_string_equal(views_find(&views, "wave")->extension, "wav");
	assert_int_equal(views_find(&views, "medium")->profile.on_disk, 0);
	assert_int_equal(views_find(&views, "wave")->profile.on_disk, 1);
}

static void names_of_other_folders_are_none_of_qualities(void **state)
{
	static const char *const bad[] = {
		"",	".",
		"..",	"original",
		"pcm",	"analysis",
		"a/b",	".groovefs",
		"a\nb", "0123456789012345678901234567890123456789"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(view_is_quality_name(bad[i]));
	assert_true(view_is_quality_name("high"));
	assert_true(view_is_quality_name("for the car; \xc3\xa4"));
	assert_true(view_is_quality_name(
		"012345678901234567890123456789012345678"));
}

static void names_tell_rate_channels_and_format(void **state)
{
	(void)state;
	assert_int_equal(decoded("native")->rate, 0);
	assert_int_equal(decoded("native")->channels, 0);
	assert_int_equal(decoded("native")->format, PCM_FLOAT);
	assert_int_equal(decoded("8000")->rate, 8000);
	assert_int_equal(decoded("192000-mono")->channels, 1);
	assert_int_equal(decoded("22050-s16")->format, PCM_S16);
	assert_int_equal(decoded("native-mono-s16")->channels, 1);
	assert_int_equal(decoded("native-mono-s16")->format, PCM_S16);
}

static void other_names_are_none(void **state)
{
	static const char *const names[] = {
		"",	      "7999",	  "192001",
		"044100",     "44100-",	  "44100-s16-mono",
		"44100 ",     "-mono",	  "44100-mono-mono",
		"nativemono", "Native",	  "99999999999999999",
		"0x8000",     "44100-s24"};
	const struct view *view;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(views_find_decoded(&views, names[i], &view),
				 -ENOENT);
}

static void one_name_is_one_view(void **state)
{
	const struct view *a, *b;

	(void)state;
	assert_int_equal(views_find_decoded(&views, "12345", &a), 0);
	assert_int_equal(views_find_decoded(&views, "12345", &b), 0);
	assert_ptr_equal(a, b);
	view_unref(a);
	assert_string_equal(view_short_name(b), "12345");
	view_unref(b);
}

static void views_live_as_long_as_somebody_has_them(void **state)
{
	char name[PROFILE_NAME_MAX + 1];
	const struct view *view, *kept;

	(void)state;
	assert_int_equal(views_find_decoded(&views, "50000", &kept), 0);
	view_ref(kept);
	view_unref(kept);
	for (unsigned rate = 60000; rate < 61000; rate++) {
		snprintf(name, sizeof(name), "%u", rate);
		assert_int_equal(views_find_decoded(&views, name, &view), 0);
		view_unref(view);
	}
	assert_false(views_find_unused(&views, name));
	assert_string_equal(view_short_name(kept), "50000");
	view_unref(kept);
}

static void the_one_that_was_asked_for_first_is_let_go_first(void **state)
{
	const struct view *many[VIEWS_KEPT];
	char name[PROFILE_NAME_MAX + 1];
	struct views few;

	(void)state;
	assert_int_equal(views_init(&few, &(struct catalog_options){0}), 0);
	for (unsigned i = 0; i < VIEWS_KEPT; i++) {
		assert_false(views_find_unused(&few, name));
		snprintf(name, sizeof(name), "%u", 70000 + i);
		assert_int_equal(views_find_decoded(&few, name, &many[i]), 0);
	}
	/* besides native, which is listed, and was the first */
	assert_true(views_find_unused(&few, name));
	assert_string_equal(name, "native");
	assert_true(views_find_unused(&few, name));
	assert_string_equal(name, "70000");
	view_unref(many[0]);
	assert_false(views_find_unused(&few, name));
	for (unsigned i = 1; i < VIEWS_KEPT; i++)
		view_unref(many[i]);
	views_release(&few);
}

static void native_and_the_wanted_ones_are_listed(void **state)
{
	(void)state;
	assert_int_equal(views.listed_count, 3);
	assert_string_equal(view_short_name(views.listed[0]), "native");
	assert_string_equal(view_short_name(views.listed[1]), "44100");
	assert_string_equal(view_short_name(views.listed[2]), "16000-mono");
}

static void a_bad_name_to_list_is_refused(void **state)
{
	struct catalog_options changed = options;
	struct views bad;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	changed.decoded = "44100:cd";
	assert_int_equal(views_init(&bad, &changed), -EINVAL);
	views_release(&bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qualities_are_found_by_name),
		cmocka_unit_test(codecs_tell_extensions_and_what_is_kept),
		cmocka_unit_test(names_of_other_folders_are_none_of_qualities),
		cmocka_unit_test(names_tell_rate_channels_and_format),
		cmocka_unit_test(other_names_are_none),
		cmocka_unit_test(one_name_is_one_view),
		cmocka_unit_test(views_live_as_long_as_somebody_has_them),
		cmocka_unit_test(
			the_one_that_was_asked_for_first_is_let_go_first),
		cmocka_unit_test(native_and_the_wanted_ones_are_listed),
		cmocka_unit_test(a_bad_name_to_list_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
