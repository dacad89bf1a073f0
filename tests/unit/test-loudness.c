/*
 * The signals of EBU Tech 3341 (cases 1 to 6, 9 to 23) and 3342 (1 to 4), made
 * from their description, with the EBU's tolerances. Cases 7 and 8, and 5 and 6
 * of Tech 3342, are recordings.
 */
#include "analysis/sidecars/loudness_bins.h"
#include "tests/unit/measuring.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measures made;

static struct signal stereo(void)
{
	return (struct signal){.rate = 48000, .channels = 2};
}

struct part {
	double level;
	double seconds;
};

/* Measures a sine of 1 kHz that has these levels one after the other. */
static void measure_parts(const struct part *parts, size_t count)
{
	struct signal signal = stereo();

	for (size_t i = 0; i < count; i++)
		signal_add_sine(&signal, 1000, parts[i].level,
				parts[i].seconds);
	measure(&signal, 48000, &made);
	signal_free(&signal);
}

#define MEASURE(...)                                                           \
	measure_parts((const struct part[]){__VA_ARGS__},                      \
		      sizeof((const struct part[]){__VA_ARGS__}) /             \
			      sizeof(struct part))

static void a_steady_tone_is_its_level(void **state)
{
	(void)state;
	for (double level = -23; level > -40; level -= 10) { /* cases 1, 2 */
		MEASURE({level, 20});
		assert_float_equal(made.integrated, level, 0.1);
		assert_float_equal(made.momentary_max, level, 0.1);
		assert_float_equal(made.short_term_max, level, 0.1);
		assert_float_equal(made.dimensions[DIM_LUFS], level, 0.1);
	}
}

/* As floats may be: the gain that follows brings them down all the way. */
static void what_is_far_above_full_scale_is_measured(void **state)
{
	(void)state;
	MEASURE({25, 10});
	assert_float_equal(made.integrated, 25, 0.1);
	assert_float_equal(made.momentary_max, 25, 0.1);
	assert_float_equal(made.short_term_max, 25, 0.1);
	assert_float_equal(made.dimensions[DIM_LUFS], 10, 0);
}

static void soft_parts_are_gated(void **state)
{
	(void)state;
	MEASURE({-36, 10}, {-23, 60}, {-36, 10}); /* case 3 */
	assert_float_equal(made.integrated, -23, 0.1);
	MEASURE({-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10});
	assert_float_equal(made.integrated, -23, 0.1); /* case 4 */
	MEASURE({-26, 20}, {-20, 20.1}, {-26, 20});    /* case 5 */
	assert_float_equal(made.integrated, -23, 0.1);
}

/* Case 6, and the same with a low-frequency channel that does not count. */
static void surrounds_count_by_their_place(void **state)
{
	const double five[] = {-28, -28, -24, -30, -30};
	const double six[] = {-28, -28, -24, -3, -30, -30};
	const double *levels = five;

	(void)state;
	for (uint32_t channels = 5; channels <= 6; channels++) {
		struct signal signal = {.rate = 48000, .channels = channels};

		signal_add_sine(&signal, 1000, 0, 20);
		for (size_t i = 0; i < signal.frames * channels; i++)
			signal.samples[i] *=
				(float)pow(10, levels[i % channels] / 20);
		measure(&signal, 48000, &made);
		signal_free(&signal);
		assert_float_equal(made.integrated, -23, 0.1);
		levels = six;
	}
}

static void short_term_is_over_3_seconds(void **state)
{
	(void)state;
	MEASURE({-20, 1.34}, {-30, 1.66}, {-20, 1.34}, {-30, 1.66}, /* 9 */
		{-20, 1.34}, {-30, 1.66}, {-20, 1.34}, {-30, 1.66}, {-20, 1.34},
		{-30, 1.66});
	assert_float_equal(made.short_term_max, -23, 0.1);
	for (int i = 0; i < 20; i++) { /* case 10 */
		MEASURE({-200, i * 0.15}, {-23, 3}, {-200, 1});
		assert_float_equal(made.short_term_max, -23, 0.1);
	}
	for (int i = 0; i < 20; i++) { /* case 11, each alone */
		MEASURE({-200, i * 0.15}, {-38 + i, 3}, {-200, 3 - i * 0.15});
		assert_float_equal(made.short_term_max, -38 + i, 0.1);
	}
}

static void momentary_is_over_400_ms(void **state)
{
	struct part parts[50];

	(void)state;
	for (int i = 0; i < 50; i += 2) { /* case 12 */
		parts[i] = (struct part){-20, 0.18};
		parts[i + 1] = (struct part){-30, 0.22};
	}
	measure_parts(parts, 50);
	assert_float_equal(made.momentary_max, -23, 0.1);
	for (int i = 0; i < 20; i++) { /* case 13 */
		MEASURE({-200, i * 0.02}, {-23, 0.4}, {-200, 1});
		assert_float_equal(made.momentary_max, -23, 0.1);
	}
	for (int i = 0; i < 20; i++) { /* case 14, each alone */
		MEASURE({-200, i * 0.02}, {-38 + i, 0.4}, {-200, 0.4});
		assert_float_equal(made.momentary_max, -38 + i, 0.1);
	}
}

/* Without a click at its ends, which would have a peak of its own. */
static void check_true_peak(double part, double degrees, double size,
			    double right)
{
	struct signal signal = stereo();
	float *to = signal_add(&signal, 48000);

	for (int i = 0; i < 48000; i++) {
		double turn = part * i + degrees / 360;
		double fade = fmin(fmin(i, 47999 - i) / 4800.0, 1);

		to[2 * i] = (float)(fade * size * sin(2 * M_PI * turn));
		to[2 * i + 1] = to[2 * i];
	}
	measure(&signal, 48000, &made);
	signal_free(&signal);
	assert_true(made.true_peak <= right + 0.2);
	assert_true(made.true_peak >= right - 0.4);
}

static void true_peaks_lie_between_samples(void **state)
{
	(void)state;
	check_true_peak(1.0 / 4, 0, 0.5, -6);	 /* case 15 */
	check_true_peak(1.0 / 4, 45, 0.5, -6);	 /* 16 */
	check_true_peak(1.0 / 6, 60, 0.5, -6);	 /* 17 */
	check_true_peak(1.0 / 8, 67.5, 0.5, -6); /* 18 */
	check_true_peak(1.0 / 4, 45, 1.41, 3);	 /* 19 */
	assert_true(made.sample_peak < 0.1);
}

/*
 * Cases 20 to 23: at four times the rate, a sine of a sixth of the lower rate
 * at half of full scale, one cycle of it at full scale; low-passed and every
 * fourth sample taken, from the 1st, 2nd, 3rd or 4th on.
 */
enum { LONG = 8 * 600, REACH = 128 };

static double high_rate_sine(int i)
{
	int cycle = i / 24;

	if (i < 0 || i >= LONG)
		return 0;
	return (cycle == 100 ? 1.0 : 0.5) * sin(2 * M_PI * i / 24);
}

/* A sinc under a Hann window; half of it is at 0.9 of the lower Nyquist. */
static double low_passed(int i)
{
	double sum = 0;

	for (int j = -REACH; j <= REACH; j++) {
		double x = M_PI * j * 0.9 / 4;
		double window = 0.5 + 0.5 * cos(M_PI * j / (REACH + 1));
		double sinc = j ? sin(x) / x : 1;

		sum += high_rate_sine(i + j) * window * sinc * 0.9 / 4;
	}
	return sum;
}

static void true_peaks_are_found_at_any_offset(void **state)
{
	(void)state;
	for (int offset = 0; offset < 4; offset++) {
		struct signal signal = stereo();
		float *to = signal_add(&signal, LONG / 4);

		for (int i = 0; i < LONG / 4; i++) {
			to[2 * i] = (float)low_passed(4 * i + offset);
			to[2 * i + 1] = to[2 * i];
		}
		measure(&signal, 48000, &made);
		signal_free(&signal);
		assert_true(made.true_peak <= 0.2);
		assert_true(made.true_peak >= -0.4);
	}
}

static void range_is_between_percentiles(void **state)
{
	(void)state;
	MEASURE({-20, 20}, {-30, 20}); /* Tech 3342, cases 1 to 4 */
	assert_float_equal(made.range, 10, 1);
	MEASURE({-20, 20}, {-15, 20});
	assert_float_equal(made.range, 5, 1);
	MEASURE({-40, 20}, {-20, 20});
	assert_float_equal(made.range, 20, 1);
	MEASURE({-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20});
	assert_float_equal(made.range, 15, 1);
}

static void bins_give_the_integrated_loudness(void **state)
{
	static uint32_t album[LOUDNESS_BINS];

	(void)state;
	MEASURE({-36, 10}, {-26, 20}, {-20, 20.1});
	assert_float_equal(loudness_of_bins(made.loudness_bins),
			   made.integrated, 0.06);
	/* an album's gate is the album's: together these are case 3 */
	MEASURE({-36, 20});
	loudness_add_bins(album, made.loudness_bins);
	MEASURE({-23, 60});
	loudness_add_bins(album, made.loudness_bins);
	assert_float_equal(loudness_of_bins(album), -23, 0.1);
}

static void what_has_no_block_is_silent(void **state)
{
	(void)state;
	MEASURE({-20, 0.39});
	assert_float_equal(made.integrated, -70, 0);
	assert_float_equal(made.sample_peak, -20, 0.1);
	MEASURE({-200, 10});
	assert_float_equal(made.integrated, -70, 0);
	assert_float_equal(made.momentary_max, -70, 0);
	assert_float_equal(made.range, 0, 0);
	assert_float_equal(made.true_peak, -100, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_tone_is_its_level),
		cmocka_unit_test(what_is_far_above_full_scale_is_measured),
		cmocka_unit_test(soft_parts_are_gated),
		cmocka_unit_test(surrounds_count_by_their_place),
		cmocka_unit_test(short_term_is_over_3_seconds),
		cmocka_unit_test(momentary_is_over_400_ms),
		cmocka_unit_test(true_peaks_lie_between_samples),
		cmocka_unit_test(true_peaks_are_found_at_any_offset),
		cmocka_unit_test(range_is_between_percentiles),
		cmocka_unit_test(bins_give_the_integrated_loudness),
		cmocka_unit_test(what_has_no_block_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
