/*
 * BS.1770-4, annex 1: the mean power of the blocks above the absolute gate,
 * less 10 LU, is the relative gate; the result is the mean power of those above
 * both. A bin's blocks are taken to lie in its middle.
 */
#include "analysis/sidecars/loudness_bins.h"

#include <math.h>

#define RELATIVE_GATE (-10.0) /* LU */

static double middle_of(int bin)
{
	return LOUDNESS_BINS_LOWEST + (bin + 0.5) * LOUDNESS_BINS_WIDTH;
}

void loudness_add_bins(uint32_t sum[LOUDNESS_BINS],
		       const uint32_t bins[LOUDNESS_BINS])
{
	for (int i = 0; i < LOUDNESS_BINS; i++)
		sum[i] = bins[i] > UINT32_MAX - sum[i] ? UINT32_MAX
						       : sum[i] + bins[i];
}

/* Of the blocks from bin `first`; in LUFS. */
static double mean_from(const uint32_t bins[LOUDNESS_BINS], int first)
{
	double power = 0, count = 0;

	for (int i = first; i < LOUDNESS_BINS; i++) {
		power += bins[i] * pow(10, middle_of(i) / 10);
		count += bins[i];
	}
	return count > 0 ? 10 * log10(power / count) : LOUDNESS_BINS_LOWEST;
}

double loudness_of_bins(const uint32_t bins[LOUDNESS_BINS])
{
	double gate = mean_from(bins, 0) + RELATIVE_GATE;
	int first = 0;

	while (first < LOUDNESS_BINS && middle_of(first) < gate)
		first++;
	return mean_from(bins, first);
}
