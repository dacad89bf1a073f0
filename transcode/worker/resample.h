/*
 * Sample rate conversion by whole seconds. A second is an integer number of
 * samples at every rate, so each output second can be made alone, from the
 * same second of the source and a margin on both sides.
 */
#ifndef WORKER_RESAMPLE_H
#define WORKER_RESAMPLE_H

#include <stdint.h>

/*
 * Makes `to_rate` frames in `to` from the `from_rate` frames in `here`;
 * `before` and `after` are the seconds around it, NULL for silence. Interleaved
 * throughout. The result depends only on these, and equals soxr's conversion of
 * the whole track within -110 dB of full scale (-90 dB between rates whose
 * common divisor is nearly 1), even at its very beginning, where soxr distorts
 * the first few samples. 0, -ENOMEM, or -EINVAL for rates that the library does
 * not take.
 */
int resample_second(const float *before, const float *here, const float *after,
		    unsigned channels, uint32_t from_rate, uint32_t to_rate,
		    float *to);

#endif
