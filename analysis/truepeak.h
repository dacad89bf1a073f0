/*
 * True peak, ITU-R BS.1770-4, annex 2: the greatest sample of the signal at
 * four times its rate (from 96 kHz on twice, from 192 kHz on its own).
 *
 * The interpolator is libebur128's, a sinc of 49 taps under a Hann window, and
 * so is the result; it is not used from there because it takes 6 times as long.
 */
#ifndef ANALYSIS_TRUEPEAK_H
#define ANALYSIS_TRUEPEAK_H

#include <stddef.h>
#include <stdint.h>

struct truepeak;

/* 0 or -ENOMEM. */
int truepeak_create(uint32_t rate, uint32_t channels,
		    struct truepeak **truepeak);
void truepeak_free(struct truepeak *truepeak);

/* Interleaved. */
void truepeak_feed(struct truepeak *truepeak, const float *frames,
		   size_t count);

/* Of all channels, 1 is full scale. Nothing can be fed after _finish. */
void truepeak_finish(struct truepeak *truepeak);
float truepeak_of_samples(const struct truepeak *truepeak);
float truepeak_between(const struct truepeak *truepeak);

#endif
