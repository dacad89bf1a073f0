/* Samples that nobody would call music, for tests of ranges. */
#ifndef TESTS_ODD_SIGNAL_H
#define TESTS_ODD_SIGNAL_H

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Between -1 and 1. */
static inline float odd_noise(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (float)(int)*seed / 2147483648.0f;
}

/* Constant, noise, sparse impulses, bits of any kind (NaN and infinity too). */
static inline void odd_signal(float *samples, size_t count, unsigned round)
{
	unsigned seed = round;

	for (size_t i = 0; i < count; i++) {
		float value = odd_noise(&seed);
		float scale = powf(10, (float)(round % 60) / 4 - 8);

		if (round % 4 == 0)
			samples[i] = scale;
		else if (round % 4 == 1)
			samples[i] = scale * value;
		else if (round % 4 == 2)
			samples[i] = value > 0.999f ? scale : 0;
		else
			memcpy(&samples[i], &seed, sizeof(seed));
	}
}

#endif
