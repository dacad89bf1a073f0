/* Channels into one and two. */
#include "transcode/worker/source/mix.h"

#include "scratch.h"

#include <math.h>

static struct mix usual(unsigned inputs, unsigned outputs)
{
	uint8_t speakers[MIX_MAX_INPUTS];
	struct mix mix;

	mix_speakers(0, inputs, speakers);
	mix_init(&mix, speakers, inputs, outputs);
	return mix;
}

static void stereo_passes_unchanged(void **state)
{
	struct mix mix = usual(2, 2);
	float in[] = {0.25f, -1.0f, 0.999f, 0.1f}, out[4];

	(void)state;
	mix_run(&mix, in, out, 2);
	assert_memory_equal(in, out, sizeof(in));
}

static void mono_goes_to_both_sides(void **state)
{
	struct mix mix = usual(1, 2);
	float in[] = {0.5f}, out[2];

	(void)state;
	mix_run(&mix, in, out, 1);
	assert_true(out[0] == 0.5f && out[1] == 0.5f);
}

static void stereo_to_mono_is_the_mean(void **state)
{
	struct mix mix = usual(2, 1);
	float in[] = {0.5f, -0.25f}, out[1];

	(void)state;
	mix_run(&mix, in, out, 1);
	assert_true(out[0] == 0.125f);
}

/* L R C LFE Ls Rs */
static void surround_follows_bs775(void **state)
{
	struct mix mix = usual(6, 2);
	const float sum = 1 + 2 * 0.70710678f;
	const float left[] = {1, 0, 0.70710678f, 0, 0.70710678f, 0};

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_true(fabsf(mix.gains[0][i] - left[i] / sum) < 1e-6f);
	assert_true(mix.gains[1][1] == mix.gains[0][0]);
	assert_true(mix.gains[1][4] == 0 && mix.gains[1][3] == 0);
}

static void full_scale_everywhere_does_not_clip(void **state)
{
	(void)state;
	for (unsigned inputs = 1; inputs <= 12; inputs++) {
		struct mix mix = usual(inputs, 2);
		float in[12], out[2];

		for (unsigned i = 0; i < inputs; i++)
			in[i] = -1.0f;
		mix_run(&mix, in, out, 1);
		assert_true(out[0] >= -1.000001f && out[1] >= -1.000001f);
		assert_true(out[0] < -0.3f && out[1] < -0.3f);
	}
}

static void the_files_own_layout_counts(void **state)
{
	uint8_t speakers[3];

	(void)state;
	mix_speakers(1 << SPEAKER_FRONT_LEFT | 1 << SPEAKER_FRONT_RIGHT |
			     1 << SPEAKER_LOW_FREQUENCY,
		     3, speakers);
	assert_int_equal(speakers[2], SPEAKER_LOW_FREQUENCY);
	mix_speakers(1, 3, speakers); /* one bit for three channels */
	assert_int_equal(speakers[2], SPEAKER_FRONT_CENTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stereo_passes_unchanged),
		cmocka_unit_test(mono_goes_to_both_sides),
		cmocka_unit_test(stereo_to_mono_is_the_mean),
		cmocka_unit_test(surround_follows_bs775),
		cmocka_unit_test(full_scale_everywhere_does_not_clip),
		cmocka_unit_test(the_files_own_layout_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
