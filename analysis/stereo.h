/*
 * How wide a track is: of its first two channels, which in the usual orders are
 * front left and right.
 *
 *   stereo_width       S^2 / (M^2 + S^2) over all samples, with M = (L + R) / 2
 *                      and S = (L - R) / 2: 0 in the middle, 1 in anti-phase
 *   phase_correlation  Pearson's coefficient of L and R
 *
 * Mono, and silence: 0 and 1. A channel that never changes beside one that does
 * has the correlation 0.
 */
#ifndef ANALYSIS_STEREO_H
#define ANALYSIS_STEREO_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

struct stereo;

/* 0 or -ENOMEM. */
int stereo_create(uint32_t rate, uint32_t channels, struct stereo **stereo);
void stereo_free(struct stereo *stereo);

/* Interleaved; 0. */
int stereo_feed(struct stereo *stereo, const float *frames, size_t count);

/* Fills stereo_width and phase_correlation of the dimensions. */
void stereo_finish(struct stereo *stereo, struct measures *measures);

#endif
