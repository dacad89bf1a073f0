/* Sources: which files are transcoded in the quality folders. */
#include "library/sources.h"

#include "fs/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct facts facts_of(enum facts_kind kind, const char *codec)
{
	struct facts facts = {
		.kind = kind, .rate = 44100, .channels = 2, .samples = 441000};

	strcpy(facts.codec, codec);
	return facts;
}

static bool takes_name(const char *lossless, const char *name)
{
	struct sources sources = {.lossless = lossless};

	return sources_take_name(&sources, name);
}

static bool takes(const char *lossless, const char *name, const char *codec)
{
	struct facts facts = facts_of(FACTS_LOSSLESS, codec);
	struct sources sources = {.lossless = lossless};

	return sources_take(&sources, name, 1000, &facts);
}

static void all_count_unless_a_list_is_given(void **state)
{
	(void)state;
	assert_true(takes_name(NULL, "a.wav"));
	assert_true(takes_name("all", "a.wav"));
	assert_true(takes("all", "a.m4a", "alac"));
}

static void extensions_count_in_any_case(void **state)
{
	(void)state;
	assert_true(takes_name(".wav,\t.FLAC", "a.flac"));
	assert_true(takes_name("flac:wav", "a.WAV"));
	assert_true(takes_name("FLAC, WAV", "a.wav"));
	assert_false(takes_name("flac:wav", "a.aiff"));
	assert_false(takes_name("flac:wave", "a.wav"));
}

static void codecs_count_with_the_extensions_that_mean_them(void **state)
{
	(void)state;
	assert_true(takes_name("pcm", "a.aiff"));
	assert_true(takes_name("wavpack", "a.wv"));
	assert_true(takes_name("dsd", "a.dff"));
	assert_false(takes_name("pcm", "a.flac"));
}

static void containers_count_by_codec_or_extension(void **state)
{
	(void)state;
	assert_true(takes("alac", "a.m4a", "alac"));
	assert_true(takes("m4a", "a.m4a", "alac"));
	assert_true(takes("flac", "a.ogg", "flac"));
	assert_true(takes("pcm", "a.caf", "pcm_s16be"));
	assert_true(takes("dsd", "a.mka", "dst"));
	assert_false(takes("flac:wav", "a.m4a", "alac"));
}

static void lossy_counts_above_the_limit_only(void **state)
{
	struct facts facts = facts_of(FACTS_LOSSY, "mp3");
	struct sources sources = {.lossy_above = 192};

	(void)state; /* 10 seconds: 240,000 bytes are 192 kbit/s */
	assert_false(sources_take(&sources, "a.mp3", 240000, &facts));
	assert_true(sources_take(&sources, "a.mp3", 240001, &facts));
	sources.lossy_above = 0;
	assert_false(sources_take(&sources, "a.mp3", 9999999, &facts));
	sources.lossy_above = 1;
	facts.samples = 0; /* nobody knows how long it is */
	assert_false(sources_take(&sources, "a.mp3", 9999999, &facts));
}

static void what_is_no_audio_or_broken_never_counts(void **state)
{
	struct sources sources = {.lossy_above = 1};
	struct facts other = facts_of(FACTS_OTHER, "");
	struct facts broken = facts_of(FACTS_BROKEN, "");

	(void)state;
	assert_false(sources_take(&sources, "a.m4a", 9999999, &other));
	assert_false(sources_take(&sources, "a.m4a", 9999999, &broken));
}

static void known_words_may_stand_in_the_list(void **state)
{
	static const char *const good[] = {".flac", "all",  "flac",
					   "WAV",   "alac", "pcm",
					   "m4a",   "dsd",  "wavpack"};
	static const char *const bad[] = {
		"a.flac", "..flac", ".", "", "mp3", "abc", "flac ", "a.flac "};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(sources_know_word(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(sources_know_word(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_count_unless_a_list_is_given),
		cmocka_unit_test(extensions_count_in_any_case),
		cmocka_unit_test(
			codecs_count_with_the_extensions_that_mean_them),
		cmocka_unit_test(containers_count_by_codec_or_extension),
		cmocka_unit_test(lossy_counts_above_the_limit_only),
		cmocka_unit_test(what_is_no_audio_or_broken_never_counts),
		cmocka_unit_test(known_words_may_stand_in_the_list),
	};

	return cmocka_run_group_tests_name("sources", tests, NULL, NULL);
}
