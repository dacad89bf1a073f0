/*
 * Levels over time, at the native rate. A level is over all channels: peaks are
 * of the loudest, powers the mean.
 *
 *   peak, rms         of the whole track
 *   crest_db          20 log10(peak / rms); 0 for silence
 *   energy_level      (20 log10(rms) + 60) / 60 within 0 to 1: -60 dBFS and
 *                     below is 0, full scale is 1
 *
 * and over windows of 500 ms, one every 250 ms, without those whose RMS is
 * below -70 dBFS (BS.1770's absolute gate: silence has no crest):
 *
 *   dynamic_range_variation  standard deviation of the crest in dB, / 6, at
 *                            most 1
 *   loudness_variation_std   standard deviation of the RMS level, at most 10 dB
 *   peak_consistency         1 / (1 + standard deviation / mean of the peaks)
 *   dynamic_range_db         95th less 10th percentile of the RMS level, the
 *                            percentiles of EBU Tech 3342
 *
 * Standard deviations are those of the population. A track shorter than a
 * window is one window; what is left over at the end of a longer one is none.
 */
#ifndef ANALYSIS_DYNAMICS_H
#define ANALYSIS_DYNAMICS_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

struct dynamics;

/* 0 or -ENOMEM. */
int dynamics_create(uint32_t rate, uint32_t channels,
		    struct dynamics **dynamics);
void dynamics_free(struct dynamics *dynamics);

/* Interleaved; 0. */
int dynamics_feed(struct dynamics *dynamics, const float *frames, size_t count);

/* Fills peak to dynamic_range_db and the four dimensions above. */
void dynamics_finish(struct dynamics *dynamics, struct measures *measures);

#endif
