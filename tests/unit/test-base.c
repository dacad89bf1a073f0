/* The log and the counters. */
#include "base/counters.h"
#include "base/log.h"

#include "scratch.h"

#include <pthread.h>

/* Runs `act` and gives what was logged, to be freed. */
static char *logged(void (*act)(void))
{
	char *directory = scratch_make();
	char *path = scratch_path(directory, "log");
	int saved = scratch_log_begin(path);
	char *text;

	act();
	text = scratch_log_end(saved);
	free(path);
	scratch_remove(directory);
	return text;
}

static void log_hostile_name(void)
{
	log_error("cannot open '%s': %s", "a\nb\033[2J\x7f", "reason");
}

static void control_characters_are_escaped(void **state)
{
	char *text = logged(log_hostile_name);

	(void)state;
	assert_string_equal(text, "groovefs: error: cannot open "
				  "'a\\x0ab\\x1b[2J\\x7f': reason\n");
	free(text);
}

static void log_c1(void)
{
	log_error("cannot open '%s'", "a\xc2\x9b"
				      "2J\x9b"
				      "b\xe9");
}

static void c1_and_lone_bytes_are_escaped_too(void **state)
{
	char *text = logged(log_c1);

	(void)state;
	assert_string_equal(text, "groovefs: error: cannot open "
				  "'a\\xc2\\x9b2J\\x9bb\\xe9'\n");
	free(text);
}

static char long_name[8000];

static void log_long_name(void)
{
	log_error("cannot open '%s': %s", long_name, "reason");
}

static void a_name_of_any_length_keeps_its_reason(void **state)
{
	char *text;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	text = logged(log_long_name);
	assert_int_equal(strlen(text), strlen("groovefs: error: cannot open "
					      "'': reason\n") +
					       sizeof(long_name) - 1);
	assert_non_null(strstr(text, "x': reason\n"));
	free(text);
}

static void log_utf8_name(void)
{
	log_error("cannot open '%s'", "Bj\xc3\xb6rk");
}

static void letters_beyond_ascii_stay_as_they_are(void **state)
{
	char *text = logged(log_utf8_name);

	(void)state;
	assert_non_null(strstr(text, "Bj\xc3\xb6rk"));
	free(text);
}

static void log_long_line(void)
{
	char name[5000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	log_error("%s", name);
	log_error("second");
}

static void a_line_too_long_is_cut_and_ends_itself(void **state)
{
	char *text = logged(log_long_line);

	(void)state;
	assert_int_equal(scratch_count(text, "\n"), 2);
	assert_non_null(strstr(text, "x\ngroovefs: error: second\n"));
	free(text);
}

static void log_on_two_levels(void)
{
	log_set_level(LOG_LEVEL_WARN);
	log_info("dropped");
	log_warn("kept");
	log_set_level(LOG_LEVEL_INFO);
}

static void lines_above_the_level_are_dropped(void **state)
{
	char *text = logged(log_on_two_levels);

	(void)state;
	assert_string_equal(text, "groovefs: warning: kept\n");
	free(text);
}

static void a_counter_adds_up_and_leaves_others_alone(void **state)
{
	uint64_t reads = counter_get(COUNTER_reads);
	uint64_t opens = counter_get(COUNTER_opens);

	(void)state;
	count(reads);
	count_n(reads, 41);
	assert_int_equal(counter_get(COUNTER_reads), reads + 42);
	assert_int_equal(counter_get(COUNTER_opens), opens);
}

static void every_counter_has_a_name_of_its_own_and_a_text(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_MAX; i++) {
		assert_true(strlen(counter_name(i)) > 0);
		assert_true(strlen(counter_text(i)) > 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(counter_name(i),
						counter_name(k));
	}
}

static void *count_many(void *argument)
{
	for (int i = 0; i < 100000; i++)
		count(lookups);
	return argument;
}

static void no_count_is_lost_between_threads(void **state)
{
	uint64_t before = counter_get(COUNTER_lookups);
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, count_many, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter_get(COUNTER_lookups), before + 400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(c1_and_lone_bytes_are_escaped_too),
		cmocka_unit_test(a_name_of_any_length_keeps_its_reason),
		cmocka_unit_test(letters_beyond_ascii_stay_as_they_are),
		cmocka_unit_test(a_line_too_long_is_cut_and_ends_itself),
		cmocka_unit_test(lines_above_the_level_are_dropped),
		cmocka_unit_test(a_counter_adds_up_and_leaves_others_alone),
		cmocka_unit_test(
			every_counter_has_a_name_of_its_own_and_a_text),
		cmocka_unit_test(no_count_is_lost_between_threads),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
