/*
 * Where in the spectrum a track's power lies, at its native rate.
 *
 *   band shares     power in each of 7 bands, by the power between 20 Hz and
 *                   20 kHz; all 0 when there is none
 *   bass_mid_ratio  10 log10(power in 60-250 Hz / power in 250-2000 Hz), within
 *                   +-100 dB; 0 when both are silent
 *
 * The power is Welch's estimate (1967): the mean of the spectra of Hann windows
 * that overlap by half, here of about 1/6 s, so that 20 Hz can be told from 60.
 * It is the mean of the channels' powers, not the power of their mean, which
 * would lack what is in anti-phase.
 */
#ifndef ANALYSIS_SPECTRUM_H
#define ANALYSIS_SPECTRUM_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

struct spectrum;

/* 0 or -ENOMEM. */
int spectrum_create(uint32_t rate, uint32_t channels,
		    struct spectrum **spectrum);
void spectrum_free(struct spectrum *spectrum);

/* Interleaved; 0. */
int spectrum_feed(struct spectrum *spectrum, const float *frames, size_t count);

/* Fills DIM_SUB_BASS_PCT to DIM_AIR_PCT and DIM_BASS_MID_RATIO. */
void spectrum_finish(struct spectrum *spectrum, struct measures *measures);

#endif
