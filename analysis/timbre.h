/*
 * The colour of the sound, of one channel at 22.05 kHz. Frames of 2048 samples,
 * one every 512, under a Hann window: librosa's, and so are the formulas
 * (McFee et al. 2015), with the median over frames. Frames of digital silence
 * have no colour and are left out.
 *
 *   centroid   sum of f |X(f)| / sum of |X(f)|; the dimension is / 8 kHz
 *   rolloff    the lowest f with 85 % of the sum of |X(f)| at or below it;
 *              the dimension is / 10 kHz
 *   flatness   geometric mean / mean of |X(f)|^2 (Johnston 1988), -100 dB and
 *              below is 0
 *   zero_crossing_rate  changes of sign / (samples - 1); 0 is positive
 *   silence_ratio       share of the frames whose RMS is more than 40 dB below
 *              the loudest; of a silent track 1, of none 0
 *
 * Dimensions end at 1, also where the frequency lies above their divisor.
 */
#ifndef ANALYSIS_TIMBRE_H
#define ANALYSIS_TIMBRE_H

#include "analysis/measures.h"

#include <stddef.h>
#include <stdint.h>

#define TIMBRE_RATE 22050

struct timbre;

/* The rate is TIMBRE_RATE, there is one channel. 0 or -ENOMEM. */
int timbre_create(uint32_t rate, uint32_t channels, struct timbre **timbre);
void timbre_free(struct timbre *timbre);

/* 0. */
int timbre_feed(struct timbre *timbre, const float *samples, size_t count);

/*
 * Fills the three spectral dimensions, DIM_SILENCE_RATIO, both frequencies in
 * Hz and the zero crossing rate.
 */
void timbre_finish(struct timbre *timbre, struct measures *measures);

#endif
