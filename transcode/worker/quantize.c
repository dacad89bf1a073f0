/* See quantize.h for what and why. */
#include "transcode/worker/quantize.h"

#include <math.h>
#include <xxhash.h>

#define SEED 16

static int16_t clip(double sample)
{
	if (sample >= INT16_MAX)
		return INT16_MAX;
	if (sample <= INT16_MIN)
		return INT16_MIN;
	return (int16_t)lrint(sample);
}

void quantize_plain(const float *from, int16_t *to, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = clip(from[i] * 32768.0);
}

/* In LSB, between -1 and 1. */
static double noise_at(uint64_t place)
{
	uint64_t hash = XXH3_64bits_withSeed(&place, sizeof(place), SEED);
	double one = (double)(uint32_t)hash;
	double other = (double)(uint32_t)(hash >> 32);

	return (one - other) / 4294967296.0;
}

void quantize_dithered(const float *from, int16_t *to, size_t samples,
		       uint64_t first)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = clip(from[i] * 32768.0 + noise_at(first + i));
}
