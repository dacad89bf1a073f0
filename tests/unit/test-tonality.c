/* The key of synthesised cadences. (test-key is about the cache's keys.) */
#include "analysis/tonality.h"

#include "tests/unit/run_measure.h"

#include <math.h>
#include <string.h>

enum { RATE = 22050, CHORD = RATE, CHORDS = 4, COUNT = CHORD * CHORDS };

static float samples[COUNT];

/* With 5 harmonics, each half of the one before. */
static void add_note(size_t begin, double hz)
{
	for (int h = 1; h <= 5; h++) {
		double level = 0.1 * pow(0.5, h - 1);

		for (size_t i = 0; i < CHORD; i++)
			samples[begin + i] +=
				(float)(level * exp(-(double)i / RATE) *
					sin(2 * M_PI * hz * h * (double)i /
					    RATE));
	}
}

/* I IV V I or i iv V i, `tuning` times higher than A 440. */
static void make_cadence(int tonic, int minor, double tuning)
{
	const int roots[] = {0, 5, 7, 0};

	memset(samples, 0, sizeof(samples));
	for (int c = 0; c < CHORDS; c++) {
		int third = minor && roots[c] != 7 ? 3 : 4;
		int notes[] = {0, 12, 12 + third, 19};

		for (int n = 0; n < 4; n++) {
			int semitones = tonic + roots[c] + notes[n];

			add_note((size_t)(c * CHORD),
				 tuning * 130.81 * exp2(semitones / 12.0));
		}
	}
}

static struct measures measure(size_t count)
{
	const struct pass_config config = {.rate = RATE, .channels = 1};
	struct measures m = {0};

	run_measure(&measure_chroma, &config, samples, count, COUNT,
		    &(struct findings){.measures = &m});
	return m;
}

static void check_all_keys(double tuning)
{
	for (int i = 0; i < 24; i++) {
		struct measures m;

		make_cadence(i % 12, i / 12, tuning);
		m = measure(COUNT);
		if (m.tonic != (uint32_t)i % 12 || m.minor != (uint32_t)i / 12)
			fail_msg("%d %d: found %u %u", i % 12, i / 12, m.tonic,
				 m.minor);
		assert_true(m.key_confidence > 0.1f && m.key_confidence <= 1);
	}
}

static void a_cadence_has_its_key(void **state)
{
	(void)state;
	check_all_keys(1);
}

static void an_orchestra_may_tune_higher_or_lower(void **state)
{
	(void)state;
	check_all_keys(exp2(0.3 / 12));
	check_all_keys(exp2(-0.3 / 12));
}

static void silence_has_no_key(void **state)
{
	struct measures m;

	(void)state;
	memset(samples, 0, sizeof(samples));
	m = measure(COUNT);
	assert_true(m.key_confidence == 0 && m.tonic == 0 && m.minor == 0);
	m = measure(0);
	assert_true(m.key_confidence == 0);
}

static void all_alike_has_no_key(void **state)
{
	const float alike[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct measures m = {0};

	(void)state;
	tonality_find(alike, &m);
	assert_true(m.key_confidence == 0);
}

static void any_chroma_gives_a_key_in_range(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct measures m = {0};
		float chroma[12];

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525 + 1013904223;
			chroma[i] = (float)(seed >> 8) / 16777216.0f;
		}
		tonality_find(chroma, &m);
		assert_true(m.tonic < 12 && m.minor < 2);
		assert_true(m.key_confidence >= 0 && m.key_confidence <= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cadence_has_its_key),
		cmocka_unit_test(an_orchestra_may_tune_higher_or_lower),
		cmocka_unit_test(silence_has_no_key),
		cmocka_unit_test(all_alike_has_no_key),
		cmocka_unit_test(any_chroma_gives_a_key_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
