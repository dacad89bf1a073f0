/*
 * Integrated loudness from a histogram of blocks: what is kept of a track so
 * that an album's loudness can be had without its audio.
 *
 * Blocks are those of ITU-R BS.1770-4: 400 ms, one every 100 ms. Bin i counts
 * those from -70 + i / 10 LUFS up to the next; softer ones, which the absolute
 * gate leaves out, are in none; louder ones than the last bin are in it.
 */
#ifndef ANALYSIS_LOUDNESS_BINS_H
#define ANALYSIS_LOUDNESS_BINS_H

#include "analysis/measures.h"

#include <stdint.h>

#define LOUDNESS_BINS_LOWEST (-70.0) /* LUFS */
#define LOUDNESS_BINS_WIDTH 0.1	     /* LU */

/* Counts stay at their greatest value rather than overflow. */
void loudness_add_bins(uint32_t sum[LOUDNESS_BINS],
		       const uint32_t bins[LOUDNESS_BINS]);

/* LUFS, within half a bin; -70 when there are no blocks. */
double loudness_of_bins(const uint32_t bins[LOUDNESS_BINS]);

#endif
