/*
 * From floats to 16 bits, full scale 1 to 32768; clips what exceeds it.
 *
 * Dither: triangular noise of 2 LSB peak to peak makes the error's mean and
 * variance independent of the signal (Lipshitz, Wannamaker and Vanderkooy,
 * "Quantization and Dither: A Theoretical Survey", JAES 40, 1992). It is the
 * difference of two uniform numbers that are a hash of the sample's position in
 * the track, so a sample gets the same one whenever and wherever it is made.
 */
#ifndef WORKER_QUANTIZE_H
#define WORKER_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

/* Only rounds: exact for sources with 16 bits or fewer. */
void quantize_plain(const float *from, int16_t *to, size_t samples);

/* `first` is the position of the first sample, counting all channels. */
void quantize_dithered(const float *from, int16_t *to, size_t samples,
		       uint64_t first);

#endif
