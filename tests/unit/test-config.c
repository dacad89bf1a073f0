/* Settings, values and qualities: what is taken and what is refused. */
#include "cli/settings/options.h"
#include "cli/settings/values.h"

#include "scratch.h"

static int set_up(void **state)
{
	struct mount_options *options = calloc(1, sizeof(*options));

	assert_non_null(options);
	setenv("GROOVEFS_CONFIG", "/dev/null", 1);
	assert_int_equal(options_init(options), 0);
	*state = options;
	return 0;
}

static int tear_down(void **state)
{
	options_release(*state);
	free(*state);
	return 0;
}

static void sizes_and_times_have_units(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(value_size("10g", &n), 0);
	assert_int_equal(n, 10ull << 30);
	assert_int_equal(value_time("2d", &n), 0);
	assert_int_equal(n, 2 * 86400);
	assert_int_equal(value_size("7", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(value_size("16777216T", &n), -EINVAL);
	assert_int_equal(value_size("1GB", &n), -EINVAL);
	assert_int_equal(value_size("-1", &n), -EINVAL);
	assert_int_equal(value_size("", &n), -EINVAL);
	assert_int_equal(n, 7);
}

static void every_setting_has_all_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];

		assert_ptr_equal(settings_find(s->name, strlen(s->name)), s);
		assert_true(s->form && s->right && s->text && s->set);
		assert_true(!s->preset != !s->make_preset);
	}
	assert_null(settings_find("cache_", 6));
	assert_null(settings_find("cache_sizes", 11));
}

static void presets_are_in_force_at_first(void **state)
{
	struct mount_options *options = *state;

	assert_int_equal(options_load(options), 0);
	assert_int_equal(options->fs.core.backend.limits.size, 10ull << 30);
	assert_int_equal(options->fs.core.backend.worker_timeout, 10);
	assert_int_equal(options->fs.core.catalog.quality_count, 3);
	assert_string_equal(options->fs.core.catalog.qualities[0].name, "high");
	assert_int_equal(options->fs.core.catalog.qualities[0].bit_rate, 256);
	assert_int_equal(options->fs.core.catalog.qualities[2].lame_quality, 3);
	assert_string_equal(options->fs.fuse_options, "");
}

static void the_last_option_wins_and_fuse_gets_its_own(void **state)
{
	struct mount_options *options = *state;

	options_add(options, "workers=3,allow_other");
	options_add(options, "workers=4,rw,x-systemd.automount,ro");
	assert_int_equal(options_load(options), 0);
	assert_int_equal(options->fs.core.backend.workers, 4);
	assert_string_equal(options->fs.fuse_options, "allow_other,ro");
}

static void bad_profiles_are_refused(void **state)
{
	struct qualities *q = &((struct mount_options *)*state)->qualities;

	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(qualities_take(q, "x", "bit_rate", "200", "f:1"),
			 -EINVAL);
	assert_int_equal(qualities_take(q, "x", "lame_quality", "10", "f:1"),
			 -EINVAL);
	assert_int_equal(qualities_take(q, "x", "channels", "3", "f:1"),
			 -EINVAL);
	assert_int_equal(qualities_take(q, "x", "rate", "22050", "f:1"), 0);
	assert_int_equal(qualities_check(q), -EINVAL);
	assert_int_equal(qualities_take(q, "x", "codec", "wav", "f:1"), 0);
	assert_int_equal(qualities_check(q), 0);
	assert_int_equal(qualities_take(q, "x", "bit_rate", "64", "f:1"), 0);
	assert_int_equal(qualities_check(q), -EINVAL);
}

static void every_rate_that_is_taken_can_be_planned(void **state)
{
	static const char *const rates[] = {"0", "32000", "44100", "48000"};
	struct qualities *q = &((struct mount_options *)*state)->qualities;
	struct shape shape = {44100, 44100, 2};
	struct plan plan;

	for (unsigned kbps = 0; kbps <= 400; kbps++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", kbps);
		if (quality_settings[1].set(&q->profiles[0], text) != 0)
			continue;
		assert_int_equal(plan_make(&q->profiles[0], &shape, &plan), 0);
		assert_int_equal(plan.bit_rate, kbps);
	}
	for (unsigned i = 0; i < 4; i++) {
		qualities_take(q, "high", "rate", rates[i], "f:1");
		assert_int_equal(qualities_check(q), 0);
		assert_int_equal(plan_make(&q->profiles[0], &shape, &plan), 0);
	}
}

static void there_is_an_end_of_qualities(void **state)
{
	struct qualities *q = &((struct mount_options *)*state)->qualities;
	int err = 0;

	for (unsigned i = 0; !err && i < 2 * PROFILES_MAX; i++) {
		char name[8];

		snprintf(name, sizeof(name), "q%u", i);
		err = qualities_take(q, name, "codec", "wav", "f:1");
	}
	assert_int_equal(err, -EINVAL);
	assert_int_equal(q->count, PROFILES_MAX);
}

static void what_a_file_cannot_hold_is_known(void **state)
{
	char longest[300];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_true(value_fits_file("/a b;c#d=e"));
	assert_true(value_fits_file(""));
	assert_false(value_fits_file("/a ;b"));
	assert_false(value_fits_file(" /a"));
	assert_false(value_fits_file("/a "));
	assert_false(value_fits_file(";a"));
	assert_false(value_fits_file("a\nb"));
	assert_false(value_fits_file(longest));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_times_have_units),
		cmocka_unit_test(every_setting_has_all_its_words),
		CASE(presets_are_in_force_at_first),
		CASE(the_last_option_wins_and_fuse_gets_its_own),
		CASE(bad_profiles_are_refused),
		CASE(every_rate_that_is_taken_can_be_planned),
		CASE(there_is_an_end_of_qualities),
		cmocka_unit_test(what_a_file_cannot_hold_is_known),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
