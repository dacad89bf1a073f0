/* Tones and strokes, pitch and chroma of signals known by reasoning. */
#include "tests/unit/odd_signal.h"
#include "tests/unit/run_measure.h"

#include <math.h>
#include <string.h>

enum { RATE = 22050, COUNT = RATE * 4 };

static float samples[COUNT];

static struct measures measure(size_t count, size_t chunk)
{
	const struct pass_config config = {.rate = RATE, .channels = 1};
	struct measures m = {0};
	const struct findings findings = {.measures = &m};

	run_measure(&measure_harmonic, &config, samples, count, chunk,
		    &findings);
	run_measure(&measure_pitch, &config, samples, count, chunk, &findings);
	run_measure(&measure_chroma, &config, samples, count, chunk, &findings);
	return m;
}

static float get(enum dimension which)
{
	return measure(COUNT, 4096).dimensions[which];
}

static void clear(void)
{
	memset(samples, 0, sizeof(samples));
}

static void add_tone(double hz, double level)
{
	for (size_t i = 0; i < COUNT; i++)
		samples[i] +=
			(float)(level * sin(2 * M_PI * hz * (double)i / RATE));
}

static void make_noise(float level)
{
	unsigned seed = 1;

	for (size_t i = 0; i < COUNT; i++)
		samples[i] = level * odd_noise(&seed);
}

static void make_clicks(void)
{
	clear();
	for (size_t i = 5000; i < COUNT; i += 11025)
		samples[i] = 1;
}

static void a_tone_is_harmonic(void **state)
{
	(void)state;
	clear();
	add_tone(440, 0.5);
	assert_true(get(DIM_HARMONIC_RATIO) > 0.95f);
}

static void clicks_are_percussive(void **state)
{
	(void)state;
	make_clicks();
	assert_true(get(DIM_HARMONIC_RATIO) < 0.05f);
}

static void noise_is_both(void **state)
{
	(void)state;
	make_noise(0.5f);
	assert_true(fabsf(get(DIM_HARMONIC_RATIO) - 0.5f) < 0.06f);
}

static void a_steady_tone_is_stable(void **state)
{
	const double tones[] = {70, 110, 440, 1000, 2000};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		clear();
		add_tone(tones[i], 0.5);
		assert_true(get(DIM_PITCH_STABILITY) > 0.98f);
	}
}

/* From f to 2 f evenly: mean 1.5 f, sd f / sqrt(12), so CV 0.19245. */
static void a_sweep_is_as_unstable_as_it_is_wide(void **state)
{
	double phase = 0;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		phase += 2 * M_PI * 200 * (1 + (double)i / COUNT) / RATE;
		samples[i] = (float)(0.5 * sin(phase));
	}
	assert_true(fabs(get(DIM_PITCH_STABILITY) - 1 / 2.9245) < 0.01);
}

static void noise_and_what_is_out_of_reach_have_no_pitch(void **state)
{
	(void)state;
	make_noise(0.5f);
	assert_true(get(DIM_PITCH_STABILITY) == 0);
	clear();
	add_tone(40, 0.5);
	assert_true(get(DIM_PITCH_STABILITY) == 0);
}

static void one_pitch_class_is_a_twelfth(void **state)
{
	(void)state;
	clear();
	add_tone(220, 0.2);
	add_tone(440, 0.2);
	assert_true(fabs(get(DIM_CHROMA_ENERGY) - 1 / 12.0) < 0.005);
}

static void a_triad_is_a_quarter(void **state)
{
	(void)state;
	clear();
	add_tone(261.63, 0.2);
	add_tone(329.63, 0.2);
	add_tone(392.00, 0.2);
	assert_true(fabs(get(DIM_CHROMA_ENERGY) - 0.25) < 0.01);
}

static void all_of_it_is_0_for_silence(void **state)
{
	(void)state;
	clear();
	assert_true(get(DIM_HARMONIC_RATIO) == 0);
	assert_true(get(DIM_PITCH_STABILITY) == 0);
	assert_true(get(DIM_CHROMA_ENERGY) == 0);
}

static void the_result_does_not_depend_on_the_cutting(void **state)
{
	const size_t chunks[] = {1, 77, 1024, 22050};
	struct measures whole;

	(void)state;
	make_noise(0.2f);
	add_tone(300, 0.3);
	whole = measure(50000, COUNT);
	for (size_t i = 0; i < 4; i++) {
		struct measures cut = measure(50000, chunks[i]);

		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

static void everything_is_in_range_whatever_it_is(void **state)
{
	const int which[] = {DIM_HARMONIC_RATIO, DIM_PITCH_STABILITY,
			     DIM_CHROMA_ENERGY};

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		size_t count = round * 37 % 15000;
		struct measures m;

		odd_signal(samples, count, round);
		m = measure(count, 5000);
		for (int i = 0; i < 3; i++) {
			float value = m.dimensions[which[i]];

			if (!(value >= 0 && value <= 1))
				fail_msg("round %u, dimension %d: %g", round,
					 which[i], (double)value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tone_is_harmonic),
		cmocka_unit_test(clicks_are_percussive),
		cmocka_unit_test(noise_is_both),
		cmocka_unit_test(a_steady_tone_is_stable),
		cmocka_unit_test(a_sweep_is_as_unstable_as_it_is_wide),
		cmocka_unit_test(noise_and_what_is_out_of_reach_have_no_pitch),
		cmocka_unit_test(one_pitch_class_is_a_twelfth),
		cmocka_unit_test(a_triad_is_a_quarter),
		cmocka_unit_test(all_of_it_is_0_for_silence),
		cmocka_unit_test(the_result_does_not_depend_on_the_cutting),
		cmocka_unit_test(everything_is_in_range_whatever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
