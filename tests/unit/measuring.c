#include "tests/unit/measuring.h"

#include "analysis/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void signal_free(struct signal *signal)
{
	free(signal->samples);
	signal->samples = NULL;
	signal->frames = 0;
}

float *signal_add(struct signal *signal, size_t frames)
{
	size_t old = signal->frames * signal->channels;
	size_t more = frames * signal->channels;

	signal->samples =
		realloc(signal->samples, (old + more + 1) * sizeof(float));
	assert_non_null(signal->samples);
	memset(signal->samples + old, 0, more * sizeof(float));
	signal->frames += frames;
	return signal->samples + old;
}

void signal_add_sine(struct signal *signal, double hz, double level,
		     double seconds)
{
	size_t frames = (size_t)lrint(seconds * signal->rate);
	size_t first = signal->frames;
	float *to = signal_add(signal, frames);
	double size = pow(10, level / 20);

	for (size_t i = 0; i < frames; i++) {
		double turn = hz * (double)(first + i) / signal->rate;

		for (uint32_t c = 0; c < signal->channels; c++)
			*to++ = (float)(size * sin(2 * M_PI * turn));
	}
}

uint32_t random_number(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 32);
}

void signal_add_noise(struct signal *signal, double seconds)
{
	size_t frames = (size_t)lrint(seconds * signal->rate);
	float *to = signal_add(signal, frames);

	for (size_t i = 0; i < frames * signal->channels; i++)
		to[i] = (float)random_number() / 2147483648.0f - 1;
}

static size_t next_chunk(size_t left, size_t chunk)
{
	size_t n = chunk > 0 ? chunk : 1 + random_number() % 5000;

	return n < left ? n : left;
}

static void run(const struct measure *measure, const struct signal *signal,
		size_t chunk, struct measures *measures)
{
	const struct pass_config config = {.rate = signal->rate,
					   .channels = signal->channels};
	void *state;
	size_t n;

	assert_int_equal(measure->create(&config, &state), 0);
	for (size_t i = 0; i < signal->frames; i += n) {
		n = next_chunk(signal->frames - i, chunk);
		assert_int_equal(
			measure->feed(state,
				      signal->samples + i * signal->channels,
				      n),
			0);
	}
	assert_int_equal(
		measure->finish(state,
				&(struct findings){.measures = measures}),
		0);
	measure->free(state);
}

void measure(const struct signal *signal, size_t chunk,
	     struct measures *measures)
{
	memset(measures, 0, sizeof(*measures));
	run(&measure_loudness, signal, chunk, measures);
	run(&measure_spectrum, signal, chunk, measures);
	run(&measure_dynamics, signal, chunk, measures);
	run(&measure_stereo, signal, chunk, measures);
	if (signal->rate == MEASURES_MONO_RATE && signal->channels == 1)
		run(&measure_timbre, signal, chunk, measures);
}
