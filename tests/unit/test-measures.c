/* Measures of signals whose value is known by reasoning. */
#include "analysis/fft.h"
#include "analysis/frames.h"
#include "analysis/pass.h"
#include "tests/unit/measuring.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measures made;
static const float *const dimensions = made.dimensions;

static struct signal of_channels(uint32_t channels)
{
	return (struct signal){.rate = 44100, .channels = channels};
}

static struct signal low_rate(void)
{
	return (struct signal){.rate = MEASURES_MONO_RATE, .channels = 1};
}

static void measure_all(struct signal *signal)
{
	measure(signal, 10000, &made);
	signal_free(signal);
}

static void a_transform_comes_back(void **state)
{
	float x[64], y[64], power[33];
	struct fft_bin bins[33];
	struct fft *fft;

	(void)state;
	assert_int_equal(fft_create(60, &fft), -EINVAL);
	assert_int_equal(fft_create(64, &fft), 0);
	for (int i = 0; i < 64; i++)
		x[i] = (float)(sin(2 * M_PI * 5 * i / 64) + 0.25);
	fft_bins(fft, x, bins);
	assert_float_equal(bins[5].im, -32, 1e-4);
	assert_float_equal(bins[0].re, 16, 1e-4);
	fft_samples(fft, bins, y);
	for (int i = 0; i < 64; i++)
		assert_float_equal(x[i], y[i], 1e-5);
	fft_power(fft, x, power);
	assert_float_equal(power[5], 32 * 32, 1e-2);
	fft_power_hann(fft, x, power);
	assert_float_equal(power[5], 16 * 16, 1e-2);
	fft_free(fft);
}

/* Frames of 4, one every 2, 2 zeros ahead; each is written as a number. */
static char seen[100];

static int note(void *context, const float *frame)
{
	(void)context;
	for (int i = 0; i < 4; i++)
		strcat(seen, (char[]){(char)('0' + (int)frame[i]), '\0'});
	strcat(seen, " ");
	return 0;
}

static void frames_cover_every_sample_twice(void **state)
{
	const float samples[] = {1, 9, 2, 9, 3, 9, 4, 9, 5, 9};
	const char *const right[] = {"", "0010 1000 ", "0012 1200 ",
				     "0012 1230 3000 ", "0012 1234 3400 "};

	(void)state;
	for (size_t count = 0; count <= 4; count++) {
		struct frames *frames;

		seen[0] = '\0';
		assert_int_equal(frames_create(4, 2, 2, note, NULL, &frames),
				 0);
		for (size_t i = 0; i < count; i++)
			frames_feed(frames, samples + 2 * i, 1, 2);
		frames_finish(frames);
		frames_free(frames);
		assert_string_equal(seen, right[count]);
	}
}

static void a_sine_lies_in_its_band(void **state)
{
	const double hz[] = {35, 120, 350, 1000, 3000, 6000, 12000};
	const uint32_t rates[] = {44100, 48000, 96000, 192000};

	(void)state;
	for (int i = 0; i < 4; i++) {
		for (int band = 0; band < 7; band++) {
			struct signal signal = {.rate = rates[i],
						.channels = 1};

			signal_add_sine(&signal, hz[band], -6, 3);
			measure_all(&signal);
			assert_true(dimensions[band] > 0.98);
		}
	}
}

static void noise_fills_bands_by_their_width(void **state)
{
	const double edges[] = {20, 60, 250, 500, 2000, 4000, 8000, 20000};
	struct signal signal = of_channels(2);

	(void)state;
	signal_add_noise(&signal, 30);
	measure_all(&signal);
	for (int band = 0; band < 7; band++)
		assert_float_equal(dimensions[band],
				   (edges[band + 1] - edges[band]) / 19980,
				   0.005);
	/* 190 Hz over 1750 Hz */
	assert_float_equal(dimensions[DIM_BASS_MID_RATIO], -9.64, 0.5);
	/* uniform within +-1: RMS 1 / sqrt(3) */
	assert_float_equal(made.rms, 0.57735, 0.002);
	assert_float_equal(dimensions[DIM_CREST_DB], 4.77, 0.05);
	/* nothing in common: as much in the middle as at the sides */
	assert_float_equal(dimensions[DIM_STEREO_WIDTH], 0.5, 0.01);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], 0, 0.01);
}

/* 6 dB louder in the bass. */
static void the_ratio_of_bass_is_in_decibels(void **state)
{
	struct signal signal = of_channels(1);

	(void)state;
	signal_add_sine(&signal, 100, -6, 5);
	signal_add_sine(&signal, 1000, -12, 5);
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_BASS_MID_RATIO], 6, 0.1);
	assert_float_equal(dimensions[DIM_BASS_PCT], 0.8, 0.01);
}

static void a_sine_has_the_levels_of_a_sine(void **state)
{
	struct signal signal = of_channels(2);

	(void)state;
	signal_add_sine(&signal, 1000, -20, 10);
	measure_all(&signal);
	assert_float_equal(made.peak, 0.1, 1e-3);
	assert_float_equal(made.rms, 0.1 / sqrt(2), 1e-4);
	assert_float_equal(dimensions[DIM_CREST_DB], 3.01, 0.01);
	assert_float_equal(made.energy_level, (60 - 23.01) / 60, 1e-3);
	/* nothing ever changes */
	assert_float_equal(made.dynamic_range_db, 0, 0.02);
	assert_float_equal(dimensions[DIM_DYNAMIC_RANGE_VARIATION], 0, 1e-3);
	assert_float_equal(dimensions[DIM_LOUDNESS_VARIATION_STD], 0, 1e-3);
	assert_float_equal(dimensions[DIM_PEAK_CONSISTENCY], 1, 1e-3);
	/* both channels are one */
	assert_float_equal(dimensions[DIM_STEREO_WIDTH], 0, 1e-6);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], 1, 1e-6);
}

/* Half of the time 12 dB softer; a few windows lie across. */
static void two_levels_have_the_deviation_of_two_levels(void **state)
{
	struct signal signal = of_channels(1);

	(void)state;
	signal_add_sine(&signal, 1000, -6, 50);
	signal_add_sine(&signal, 1000, -18, 50);
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_LOUDNESS_VARIATION_STD], 6, 0.1);
	assert_float_equal(made.dynamic_range_db, 12, 0.05);
	/* peaks 1 and 1/4: mean 5/8, deviation 3/8 */
	assert_float_equal(dimensions[DIM_PEAK_CONSISTENCY], 1 / 1.6, 0.01);
	assert_true(dimensions[DIM_DYNAMIC_RANGE_VARIATION] < 0.1);
}

/* Clicks with noise 60 dB below: the crest of a window goes up and down. */
static void clicks_have_a_high_crest(void **state)
{
	struct signal signal = of_channels(1);

	(void)state;
	signal_add_noise(&signal, 20);
	for (size_t i = 0; i < signal.frames; i++)
		signal.samples[i] *= 1e-3f;
	for (size_t i = 0; i < signal.frames; i += 44100)
		signal.samples[i] = 1;
	measure_all(&signal);
	/* power 1 / 44100 and a third of 1e-6 */
	assert_float_equal(dimensions[DIM_CREST_DB], 46.4, 0.1);
	assert_float_equal(dimensions[DIM_DYNAMIC_RANGE_VARIATION], 1, 0);
	assert_true(dimensions[DIM_PEAK_CONSISTENCY] < 0.6);
}

static void signals_in_opposition_are_wide(void **state)
{
	struct signal signal = of_channels(2);

	(void)state;
	signal_add_sine(&signal, 440, -6, 5);
	for (size_t i = 0; i < signal.frames; i++)
		signal.samples[2 * i + 1] *= -1;
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_STEREO_WIDTH], 1, 1e-6);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], -1, 1e-6);
	/* the mean of powers does not cancel */
	assert_true(dimensions[DIM_LOW_MID_PCT] > 0.98);
}

static void one_channel_alone_is_half_wide(void **state)
{
	struct signal signal = of_channels(2);

	(void)state;
	signal_add_sine(&signal, 440, -6, 5);
	for (size_t i = 0; i < signal.frames; i++)
		signal.samples[2 * i + 1] = 0;
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_STEREO_WIDTH], 0.5, 1e-6);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], 0, 1e-6);
}

static void mono_has_no_width(void **state)
{
	struct signal signal = of_channels(1);

	(void)state;
	signal_add_noise(&signal, 1);
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_STEREO_WIDTH], 0, 0);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], 1, 0);
}

static void a_sine_has_its_own_centroid(void **state)
{
	struct signal signal = low_rate();

	(void)state;
	signal_add_sine(&signal, 2000, -6, 5);
	measure_all(&signal);
	assert_float_equal(made.spectral_centroid_hz, 2000, 20);
	assert_float_equal(made.spectral_rolloff_hz, 2000, 20);
	assert_float_equal(dimensions[DIM_SPECTRAL_CENTROID], 0.25, 0.003);
	assert_float_equal(dimensions[DIM_SPECTRAL_ROLLOFF], 0.2, 0.002);
	assert_true(dimensions[DIM_SPECTRAL_FLATNESS] < 1e-3);
	assert_float_equal(made.zero_crossing_rate, 4000.0 / 22050, 1e-4);
	assert_float_equal(dimensions[DIM_SILENCE_RATIO], 0, 0);
}

/* Powers of noise are exponential: their geometric mean is e^-0.5772. */
static void noise_is_flat(void **state)
{
	struct signal signal = low_rate();

	(void)state;
	signal_add_noise(&signal, 20);
	measure_all(&signal);
	assert_float_equal(made.spectral_centroid_hz, 22050 / 4.0, 50);
	assert_float_equal(made.spectral_rolloff_hz, 0.85 * 11025, 60);
	assert_float_equal(dimensions[DIM_SPECTRAL_FLATNESS], 0.5615, 0.01);
	assert_float_equal(made.zero_crossing_rate, 0.5, 0.005);
}

static void a_click_is_as_flat_as_can_be(void **state)
{
	struct signal signal = low_rate();

	(void)state;
	signal_add(&signal, 22050)[5000] = 1;
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_SPECTRAL_FLATNESS], 1, 0.01);
	assert_float_equal(made.spectral_centroid_hz, 11025 / 2.0, 20);
	/* one of 21 pieces has it; the last one is short */
	assert_float_equal(dimensions[DIM_SILENCE_RATIO], 20.0 / 21, 1e-5);
}

/* A tenth of silence, and as much 50 dB below, and 30 dB below. */
static void what_is_40_db_softer_is_silence(void **state)
{
	struct signal signal = low_rate();

	(void)state;
	signal_add_sine(&signal, 1000, -6, 70);
	signal_add(&signal, 10 * MEASURES_MONO_RATE);
	signal_add_sine(&signal, 1000, -56, 10);
	signal_add_sine(&signal, 1000, -36, 10);
	measure_all(&signal);
	assert_float_equal(dimensions[DIM_SILENCE_RATIO], 0.2, 0.003);
}

/* Neither would be heard in a mix to one channel, nor is silence. */
static void opposite_and_low_channels_are_no_silence(void **state)
{
	static const struct {
		uint32_t channels;
		float of[6];
	} kinds[] = {{2, {0.5f, -0.5f}}, {6, {0, 0, 0, 0.5f}}};

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct signal signal = of_channels(kinds[k].channels);
		float *at = signal_add(&signal, 44100);

		for (size_t i = 0; i < 44100; i++) {
			for (uint32_t c = 0; c < kinds[k].channels; c++)
				*at++ = kinds[k].of[c] *
					(float)sin(2 * M_PI * 60 * (double)i /
						   44100);
		}
		signal_add(&signal, 44100 / 4);
		measure_all(&signal);
		assert_float_equal(dimensions[DIM_SILENCE_RATIO], 0.2, 1e-5);
	}
}

static void silence_has_nothing(void **state)
{
	struct signal signal = low_rate();

	(void)state;
	signal_add(&signal, 5 * MEASURES_MONO_RATE);
	measure_all(&signal);
	for (int i = 0; i < DIM_LUFS; i++)
		assert_float_equal(dimensions[i], 0, 0);
	assert_float_equal(dimensions[DIM_LUFS], -70, 0);
	assert_float_equal(dimensions[DIM_CREST_DB], 0, 0);
	assert_float_equal(dimensions[DIM_BASS_MID_RATIO], 0, 0);
	assert_float_equal(dimensions[DIM_SILENCE_RATIO], 1, 0);
	assert_float_equal(dimensions[DIM_SPECTRAL_CENTROID], 0, 0);
	assert_float_equal(dimensions[DIM_SPECTRAL_FLATNESS], 0, 0);
	assert_float_equal(dimensions[DIM_LOUDNESS_VARIATION_STD], 0, 0);
	assert_float_equal(dimensions[DIM_PEAK_CONSISTENCY], 1, 0);
	assert_float_equal(dimensions[DIM_PHASE_CORRELATION], 1, 0);
	assert_float_equal(made.energy_level, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transform_comes_back),
		cmocka_unit_test(frames_cover_every_sample_twice),
		cmocka_unit_test(a_sine_lies_in_its_band),
		cmocka_unit_test(noise_fills_bands_by_their_width),
		cmocka_unit_test(the_ratio_of_bass_is_in_decibels),
		cmocka_unit_test(a_sine_has_the_levels_of_a_sine),
		cmocka_unit_test(two_levels_have_the_deviation_of_two_levels),
		cmocka_unit_test(clicks_have_a_high_crest),
		cmocka_unit_test(signals_in_opposition_are_wide),
		cmocka_unit_test(one_channel_alone_is_half_wide),
		cmocka_unit_test(mono_has_no_width),
		cmocka_unit_test(a_sine_has_its_own_centroid),
		cmocka_unit_test(noise_is_flat),
		cmocka_unit_test(a_click_is_as_flat_as_can_be),
		cmocka_unit_test(what_is_40_db_softer_is_silence),
		cmocka_unit_test(opposite_and_low_channels_are_no_silence),
		cmocka_unit_test(silence_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
