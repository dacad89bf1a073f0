/* Whatever the audio is, and however it is cut. */
#include "analysis/pass.h"
#include "tests/unit/measuring.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measures made, again;

static void cuts_make_no_difference(void **state)
{
	const struct signal kinds[] = {
		{.rate = 44100, .channels = 2},
		{.rate = MEASURES_MONO_RATE, .channels = 1},
		{.rate = 11025, .channels = 3},
		{.rate = 96000, .channels = 6}};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct signal signal = kinds[i];

		signal_add_noise(&signal, 2.123);
		signal_add_sine(&signal, 300, -20, 1.5);
		measure(&signal, signal.frames, &made);
		measure(&signal, 0, &again);
		assert_memory_equal(&made, &again, sizeof(made));
		measure(&signal, 1, &again);
		assert_memory_equal(&made, &again, sizeof(made));
		signal_free(&signal);
	}
}

static const struct {
	float low, high;
} ranges[DIMENSIONS] = {
	[DIM_SUB_BASS_PCT] = {0, 1},
	[DIM_BASS_PCT] = {0, 1},
	[DIM_LOW_MID_PCT] = {0, 1},
	[DIM_MID_PCT] = {0, 1},
	[DIM_UPPER_MID_PCT] = {0, 1},
	[DIM_PRESENCE_PCT] = {0, 1},
	[DIM_AIR_PCT] = {0, 1},
	[DIM_LUFS] = {-70, 10},
	[DIM_CREST_DB] = {0, 100},
	[DIM_BASS_MID_RATIO] = {-100, 100},
	[DIM_SILENCE_RATIO] = {0, 1},
	[DIM_SPECTRAL_CENTROID] = {0, 1},
	[DIM_SPECTRAL_ROLLOFF] = {0, 1},
	[DIM_SPECTRAL_FLATNESS] = {0, 1},
	[DIM_DYNAMIC_RANGE_VARIATION] = {0, 1},
	[DIM_LOUDNESS_VARIATION_STD] = {0, 10},
	[DIM_PEAK_CONSISTENCY] = {0, 1},
	[DIM_STEREO_WIDTH] = {0, 1},
	[DIM_PHASE_CORRELATION] = {-1, 1},
};

/* NaN is not within anything. */
static bool within(float x, float low, float high)
{
	return x >= low && x <= high;
}

static void check_ranges(void)
{
	double shares = 0;

	for (int i = 0; i < DIMENSIONS; i++)
		assert_true(within(made.dimensions[i], ranges[i].low,
				   ranges[i].high));
	for (int i = DIM_SUB_BASS_PCT; i <= DIM_AIR_PCT; i++)
		shares += (double)made.dimensions[i];
	assert_true(shares <= 0 || fabs(shares - 1) < 1e-5);
	assert_true(within(made.integrated, -70, 60));
	assert_true(within(made.range, 0, 130));
	assert_true(within(made.momentary_max, -70, 60));
	assert_true(within(made.short_term_max, -70, 60));
	assert_true(within(made.true_peak, -100, 60));
	assert_true(within(made.sample_peak, -100, made.true_peak));
	assert_true(within(made.rms, 0, 1));
	assert_true(within(made.peak, 0, 1000));
	assert_true(within(made.spectral_centroid_hz, 0, 11025));
	assert_true(within(made.spectral_rolloff_hz, 0, 11025));
	assert_true(within(made.zero_crossing_rate, 0, 1));
	assert_true(within(made.energy_level, 0, 1));
	assert_true(within(made.dynamic_range_db, 0, 100));
}

/* One of several ways to be no music. */
static float strange(unsigned kind, size_t i)
{
	float noise = (float)random_number() / 2147483648.0f - 1;

	switch (kind) {
	case 0:
		return 0;
	case 1:
		return 1; /* constant */
	case 2:
		return i % 2 ? -1 : 1;
	case 3:
		return i == 0; /* one click */
	case 4:
		return noise * 1e-30f;
	case 5:
		return noise * 1e-42f; /* denormal */
	case 6:
		return noise > 0 ? 1 : -1;
	case 7:
		return noise * 1e10f;
	case 8:
		return noise * 3e38f;
	case 9:
		return i % 7 == 3 ? NAN : noise;
	case 10:
		return i % 5 == 3 ? INFINITY : noise;
	case 11:
		return random_number() % 1000 ? 0 : noise;
	default:
		return noise;
	}
}

static void check_strange(unsigned round)
{
	const uint32_t rates[] = {MEASURES_MONO_RATE,
				  44100,
				  8000,
				  48000,
				  MEASURES_MONO_RATE,
				  96000,
				  100,
				  3999,
				  1,
				  192000};
	struct signal signal = {.rate = rates[random_number() % 10]};
	unsigned kinds[2] = {random_number() % 14, random_number() % 14};
	size_t frames = round % 50 == 0 ? random_number() % 100000
					: random_number() % 3000;
	float *to;

	signal.channels = random_number() % 3 ? 1 : 1 + random_number() % 9;
	if (random_number() % 8 == 0)
		frames %= 4;
	to = signal_add(&signal, frames);
	for (size_t i = 0; i < frames * signal.channels; i++)
		to[i] = strange(kinds[i > frames / 2], i);
	measure(&signal, 0, &made);
	signal_free(&signal);
	check_ranges();
}

static void all_stays_in_range(void **state)
{
	unsigned rounds = getenv("GROOVEFS_REDUCED") ? 500 : 10000;

	(void)state;
	for (unsigned i = 0; i < rounds; i++)
		check_strange(i);
}

static void nothing_and_one_sample_are_measured(void **state)
{
	(void)state;
	for (size_t frames = 0; frames <= 2; frames++) {
		for (uint32_t channels = 1; channels <= 2; channels++) {
			struct signal signal = {.rate = MEASURES_MONO_RATE,
						.channels = channels};
			float *to = signal_add(&signal, frames);

			for (size_t i = 0; i < frames * channels; i++)
				to[i] = 1;
			measure(&signal, 1, &made);
			signal_free(&signal);
			check_ranges();
			assert_float_equal(made.peak, frames > 0, 0);
			assert_float_equal(made.integrated, -70, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_make_no_difference),
		cmocka_unit_test(nothing_and_one_sample_are_measured),
		cmocka_unit_test(all_stays_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
