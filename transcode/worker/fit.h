/*
 * Audio of one format in the place of another: for files whose format changes
 * on the way. Not for what listeners ask for; that is mix.h.
 */
#ifndef WORKER_FIT_H
#define WORKER_FIT_H

#include "transcode/worker/source.h"

#include <stddef.h>

/*
 * Gives each speaker of `to` what it gets from `from`: itself, else what a
 * mix-down or an equal share makes of it. Only channels and speakers of the
 * infos are used. The arrays may not overlap.
 */
void fit_channels(const struct source_info *from, const float *frames,
		  const struct source_info *to, float *fitted, size_t count);

#endif
