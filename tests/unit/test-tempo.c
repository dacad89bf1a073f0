/* Onsets, tempo and beats of signals whose tempo is known by construction. */
#include "tests/unit/odd_signal.h"
#include "tests/unit/run_measure.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { RATE = 22050, SECONDS = 30, COUNT = RATE * SECONDS };

static float samples[COUNT];

static struct measures measure(size_t count, size_t chunk)
{
	const struct pass_config config = {.rate = RATE, .channels = 1};
	struct measures measures = {0};

	run_measure(&measure_onsets, &config, samples, count, chunk,
		    &(struct findings){.measures = &measures});
	return measures;
}

static void make_clicks(double bpm, double first)
{
	memset(samples, 0, sizeof(samples));
	for (double at = first; at + 0.02 < SECONDS; at += 60 / bpm) {
		size_t begin = (size_t)lround(at * RATE);

		for (size_t i = 0; i < 220; i++)
			samples[begin + i] =
				(float)(0.8 * exp(-(double)i / 40) *
					sin(2 * M_PI * 1500 * (double)i /
					    RATE));
	}
}

static void clicks_have_their_tempo(void **state)
{
	(void)state;
	for (int bpm = 60; bpm <= 200; bpm += 4) {
		struct measures m;

		make_clicks(bpm, 0.25);
		m = measure(COUNT, 4096);
		if (fabs(m.bpm - bpm) >= 0.01 * bpm)
			fail_msg("%d BPM: measured %g", bpm, (double)m.bpm);
		assert_true(m.bpm == m.dimensions[DIM_TEMPO_BPM]);
		assert_true(m.bpm_confidence > 0.5f);
	}
}

static void every_click_is_a_beat(void **state)
{
	(void)state;
	for (int bpm = 75; bpm <= 180; bpm += 15) {
		int clicks = (int)ceil((SECONDS - 0.02 - 0.4) * bpm / 60.0);
		struct measures m;

		make_clicks(bpm, 0.4);
		m = measure(COUNT, COUNT);
		assert_in_range(m.beats, clicks - 1, clicks + 1);
		assert_true(fabs(m.first_beat - 0.4) < 0.02);
		assert_true(m.dimensions[DIM_RHYTHM_STABILITY] > 0.97f);
	}
}

static void clicks_are_counted_as_onsets(void **state)
{
	struct measures m;

	(void)state;
	make_clicks(120, 0.25); /* 2 a second */
	m = measure(COUNT, 4096);
	assert_true(fabs(m.dimensions[DIM_TRANSIENT_DENSITY] - 0.2) < 0.005);
}

static void the_result_does_not_depend_on_the_cutting(void **state)
{
	const size_t chunks[] = {1, 7, 127, 4096, 22050};
	struct measures whole;

	(void)state;
	make_clicks(97, 0.1);
	whole = measure(RATE * 12, COUNT);
	for (size_t i = 0; i < 5; i++) {
		struct measures cut = measure(RATE * 12, chunks[i]);

		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void assert_no_beat(const char *what)
{
	struct measures m = measure(COUNT, 4096);

	if (m.bpm != 0 || m.beats != 0)
		fail_msg("%s: %g BPM, confidence %g", what, (double)m.bpm,
			 (double)m.bpm_confidence);
	assert_true(m.bpm_confidence == 0);
	assert_true(m.dimensions[DIM_RHYTHM_STABILITY] == 0);
}

static void lasting_tones_have_no_tempo(void **state)
{
	static const double tones[] = {30, 50, 60, 110, 440, 997, 3000, 8000};

	(void)state;
	for (size_t k = 0; k < 8; k++) {
		for (size_t i = 0; i < COUNT; i++)
			samples[i] = (float)(0.5 * sin(2 * M_PI * tones[k] *
						       (double)i / RATE));
		assert_no_beat("a sine");
	}
	for (size_t i = 0; i < COUNT; i++) {
		double t = (double)i / RATE;

		samples[i] = (float)(0.4 * sin(2 * M_PI * (100 + 90 * t) * t));
	}
	assert_no_beat("a sweep");
}

/* White, and darker and darker, at several levels. */
static void noise_has_no_tempo(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 8; round++) {
		uint32_t seed = round;
		float color = 0.12f * (float)round, before = 0;
		float level = powf(10, -0.25f * (float)round);

		for (size_t i = 0; i < COUNT; i++) {
			float white = (float)next_random(&seed) / 8388608 - 1;

			before = color * before + (1 - color) * white;
			samples[i] = level * before;
		}
		assert_no_beat("noise");
	}
}

/* Clicks and quieter ones between them, in noise. */
static void the_level_does_not_matter(void **state)
{
	struct measures loud, quiet;
	uint32_t seed = 7;

	(void)state;
	make_clicks(104, 0.25);
	for (size_t i = 0; i < COUNT; i++)
		samples[i] += 0.02f * (float)next_random(&seed) / 8388608;
	loud = measure(COUNT, 4096);
	for (size_t i = 0; i < COUNT; i++)
		samples[i] *= 0.0625f;
	quiet = measure(COUNT, 4096);
	assert_true(loud.bpm > 0 && loud.bpm == quiet.bpm);
	assert_true(loud.bpm_confidence == quiet.bpm_confidence);
	assert_int_equal(loud.beats, quiet.beats);
}

static void silence_has_no_tempo(void **state)
{
	struct measures m;

	(void)state;
	memset(samples, 0, sizeof(samples));
	m = measure(COUNT, 4096);
	assert_true(m.bpm == 0 && m.bpm_confidence == 0 && m.beats == 0);
	assert_true(m.dimensions[DIM_TRANSIENT_DENSITY] == 0);
	assert_true(m.dimensions[DIM_RHYTHM_STABILITY] == 0);
}

static void next_to_nothing_has_no_tempo(void **state)
{
	(void)state;
	samples[0] = 1;
	for (size_t count = 0; count < 3; count++) {
		struct measures m = measure(count, 1);

		assert_true(m.bpm == 0 && m.beats == 0);
	}
}

static bool in_range(const struct measures *m)
{
	const float *d = m->dimensions;

	return (m->bpm == 0 || (m->bpm >= 50 && m->bpm <= 210)) &&
	       m->bpm_confidence >= 0 && m->bpm_confidence <= 1 &&
	       d[DIM_TRANSIENT_DENSITY] >= 0 && d[DIM_TRANSIENT_DENSITY] <= 1 &&
	       d[DIM_RHYTHM_STABILITY] >= 0 && d[DIM_RHYTHM_STABILITY] <= 1 &&
	       m->first_beat >= 0 && m->first_beat <= SECONDS;
}

static void everything_is_in_range_whatever_it_is(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		size_t count = round % 10 ? round * 37 % 30000 : 100000;
		struct measures m;

		odd_signal(samples, count, round);
		m = measure(count, 5000);
		if (!in_range(&m))
			fail_msg("round %u", round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clicks_have_their_tempo),
		cmocka_unit_test(every_click_is_a_beat),
		cmocka_unit_test(clicks_are_counted_as_onsets),
		cmocka_unit_test(the_result_does_not_depend_on_the_cutting),
		cmocka_unit_test(silence_has_no_tempo),
		cmocka_unit_test(lasting_tones_have_no_tempo),
		cmocka_unit_test(noise_has_no_tempo),
		cmocka_unit_test(the_level_does_not_matter),
		cmocka_unit_test(next_to_nothing_has_no_tempo),
		cmocka_unit_test(everything_is_in_range_whatever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
