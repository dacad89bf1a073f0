/*
 * Loudness by ITU-R BS.1770-4 and EBU R 128, at the native rate.
 *
 *   integrated      gated blocks of 400 ms, one every 100 ms (libebur128)
 *   range           EBU Tech 3342, of 3 s taken every 100 ms, as ffmpeg does it
 *                   (libebur128 takes them every second, 0.1 LU apart on music)
 *   momentary_max   400 ms, taken every 20 ms
 *   short_term_max  3 s, taken every 20 ms
 *   true_peak       BS.1770-4, annex 2: see truepeak.h
 *   sample_peak     the greatest sample
 *   loudness_bins   the blocks above -70 LUFS: see loudness_bins.h
 *
 * Before the beginning of a track there is silence. A track shorter than 400 ms
 * has no block and is -70 LUFS; below 4000 Hz there is nothing to weight by,
 * and only the peaks are measured.
 *
 * Channels are in the order of FLAC and WAVE: one or two, L R C, L R Ls Rs,
 * L R C Ls Rs, 5.1, 6.1 and 7.1. Low frequencies do not count, surrounds count
 * by their place in BS.1770-4's table 4. More channels all count alike.
 */
#ifndef ANALYSIS_LOUDNESS_H
#define ANALYSIS_LOUDNESS_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

struct loudness;

/* 0 or -ENOMEM. */
int loudness_create(uint32_t rate, uint32_t channels,
		    struct loudness **loudness);
void loudness_free(struct loudness *loudness);

/* Interleaved; 0 or -ENOMEM. */
int loudness_feed(struct loudness *loudness, const float *frames, size_t count);

/* Fills the loudness part, the bins and DIM_LUFS. */
void loudness_finish(struct loudness *loudness, struct measures *measures);

#endif
