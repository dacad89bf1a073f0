/* Labels: what fits, what is believed, which paths mean which entries. */
#include "cache/disk/label.h"

#include "scratch.h"

static struct label parsed(const char *text)
{
	char room[LABEL_ROOM];
	struct label label;

	label_fit(text, room);
	label_parse(room, &label);
	return label;
}

static void a_label_comes_back(void **state)
{
	struct label label = parsed("low\tArtist/Album/01.flac");

	(void)state;
	assert_string_equal(label.quality, "low");
	assert_string_equal(label.path, "Artist/Album/01.flac");
	assert_false(label.cut);
}

static void a_path_may_hold_any_byte(void **state)
{
	struct label label = parsed("tag\ta\tb\nc\xff/d");

	(void)state;
	assert_string_equal(label.quality, "tag");
	assert_string_equal(label.path, "a\tb\nc\xff/d");
}

static void of_a_long_path_the_end_is_kept(void **state)
{
	char text[2000] = "medium\t";
	struct label label;

	(void)state;
	memset(text + 7, 'x', 1500);
	strcpy(text + 1507, "/the end.flac");
	label = parsed(text);
	assert_int_equal(strlen(label.path), LABEL_ROOM - 1 - 7);
	assert_string_equal(label.path + strlen(label.path) - 8, "end.flac");
	assert_true(label.cut);
}

static void a_cut_path_begins_with_a_whole_character(void **state)
{
	(void)state;
	for (int shift = 0; shift < 4; shift++) {
		char text[2000] = "low\t";
		struct label label;

		memset(text + 4, 'x', (size_t)shift);
		for (int i = 0; i < 400; i++)
			strcat(text, "\xe2\x99\xab");
		strcat(text, ".flac");
		label = parsed(text);
		assert_true(strncmp(label.path, "\xe2\x99\xab", 3) == 0);
		assert_true(label.cut);
	}
}

static void what_is_no_label_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"low",
		"\tpath",
		"low\t",
		"l\x01w\tx",
		"l\x7fw\tx",
		"a quality whose name is far too long for any\tx",
	};
	char room[LABEL_ROOM];
	struct label label;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		memset(room, 0, sizeof(room));
		strcpy(room, texts[i]);
		label_parse(room, &label);
		assert_string_equal(label.quality, "");
		assert_string_equal(label.path, "");
	}
	label = parsed(NULL);
	assert_string_equal(label.quality, "");
}

static void random_bytes_are_no_crash(void **state)
{
	uint64_t seed = scratch_seed();
	char room[LABEL_ROOM];
	struct label label;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof(room); k++)
			room[k] = (char)scratch_random(&seed);
		room[scratch_random(&seed) % 32] = '\t';
		label_parse(room, &label);
		assert_true(strlen(label.path) < LABEL_ROOM);
		assert_true(strlen(label.quality) < LABEL_QUALITY);
	}
}

static void assert_clean(const char *path, const char *clean)
{
	char *text = strdup(path);

	label_clean_path(text);
	assert_string_equal(text, clean);
	free(text);
}

static void paths_are_cleaned(void **state)
{
	(void)state;
	assert_clean("a/b", "a/b");
	assert_clean("a//b///", "a/b");
	assert_clean("./a/./b/.", "a/b");
	assert_clean("/a/", "/a");
	assert_clean("/", "");
	assert_clean("//", "");
	assert_clean(".", "");
	assert_clean("./", "");
	assert_clean("", "");
	assert_clean(".a/..b/...", ".a/..b/...");
	assert_clean("//a", "/a");
}

static void a_relative_path_means_itself_and_what_is_below(void **state)
{
	const char *path = "Artist/Album/01.flac";

	(void)state;
	assert_true(label_reach(path, false, path) == LABEL_ALL);
	assert_true(label_reach(path, false, "Artist/Album") == LABEL_ALL);
	assert_true(label_reach(path, false, "Artist") == LABEL_ALL);
	assert_true(label_reach(path, false, "") == LABEL_ALL);
	assert_int_equal(label_reach(path, false, "Art"), 0);
	assert_int_equal(label_reach(path, false, "Album"), 0);
	assert_int_equal(label_reach(path, false, "Artist/Album/01.flac/x"), 0);
	assert_int_equal(label_reach("", false, ""), 0);
}

static void of_an_absolute_path_the_longest_end_counts(void **state)
{
	const char *path = "Artist/Album/01.flac";

	(void)state;
	assert_int_equal(label_reach(path, false, "/m/Artist/Album"), 12);
	assert_int_equal(label_reach(path, false, "/Artist"), 6);
	assert_int_equal(label_reach(path, false, "/m/xArtist"), 0);
	assert_int_equal(label_reach(path, false, "/m"), 0);
	assert_true(label_reach("/m/a.flac", false, "/m") == LABEL_ALL);
	assert_int_equal(label_reach("/m/a.flac", false, "m"), 0);
	assert_int_equal(label_reach("/m/a.flac", false, "/x/m"), 0);
}

static void a_cut_path_is_meant_by_the_whole_one(void **state)
{
	(void)state;
	assert_true(label_reach("bum/1.flac", true, "A/Album/1.flac") ==
		    LABEL_ALL);
	assert_int_equal(label_reach("bum/1.flac", false, "A/Album/1.flac"), 0);
	assert_int_equal(label_reach("bum/1.flac", true, "1.flac"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_comes_back),
		cmocka_unit_test(a_path_may_hold_any_byte),
		cmocka_unit_test(of_a_long_path_the_end_is_kept),
		cmocka_unit_test(a_cut_path_begins_with_a_whole_character),
		cmocka_unit_test(what_is_no_label_is_none),
		cmocka_unit_test(random_bytes_are_no_crash),
		cmocka_unit_test(paths_are_cleaned),
		cmocka_unit_test(
			a_relative_path_means_itself_and_what_is_below),
		cmocka_unit_test(of_an_absolute_path_the_longest_end_counts),
		cmocka_unit_test(a_cut_path_is_meant_by_the_whole_one),
	};

	return cmocka_run_group_tests_name("label", tests, NULL, NULL);
}
