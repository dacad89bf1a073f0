/* What was probed by an older version of a codec's backend is not believed. */
#include "transcode/engine/probing.h"

#include "scratch.h"

static struct facts facts_of(const char *codec)
{
	struct facts facts = {.kind = FACTS_LOSSLESS};

	snprintf(facts.codec, sizeof(facts.codec), "%s", codec);
	return facts;
}

static void facts_are_current_as_they_were_probed(void **state)
{
	static const char *const codecs[] = {"alac", "flac",   "pcm_s16le",
					     "pcm",  "vorbis", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		struct facts facts = facts_of(codecs[i]);

		facts.probed = probing_version(&facts, 0);
		assert_true(probing_is_current(&facts, 0));
		facts.probed--;
		assert_false(probing_is_current(&facts, 0));
	}
}

static void rows_without_a_number_are_old(void **state)
{
	struct facts facts = facts_of("alac");

	(void)state;
	assert_false(probing_is_current(&facts, 0));
}

static void what_has_no_codec_is_asked_again_after_every_change(void **state)
{
	static const char *const codecs[] = {"alac", "flac", "pcm", "other"};
	struct facts broken = facts_of("");
	uint32_t sum = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		struct facts facts = facts_of(codecs[i]);

		sum += probing_version(&facts, 0);
	}
	assert_true(probing_version(&broken, 0) >= sum);
}

static void scaled_pictures_are_of_one_size_only(void **state)
{
	struct facts facts = {.picture_side = 800};

	(void)state;
	facts.probed = probing_version(&facts, 0);
	assert_true(probing_is_current(&facts, 800));
	assert_false(probing_is_current(&facts, 799));
	facts.probed = probing_version(&facts, 500);
	assert_true(probing_is_current(&facts, 500));
	assert_false(probing_is_current(&facts, 501));
	assert_false(probing_is_current(&facts, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_current_as_they_were_probed),
		cmocka_unit_test(rows_without_a_number_are_old),
		cmocka_unit_test(
			what_has_no_codec_is_asked_again_after_every_change),
		cmocka_unit_test(scaled_pictures_are_of_one_size_only),
	};

	return cmocka_run_group_tests_name("probing", tests, NULL, NULL);
}
