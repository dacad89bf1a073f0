/*
 * Audio of one format in the place of another: for files whose format changes
 * on the way. Not for what listeners ask for; that is mix.h.
 */
#ifndef WORKER_FIT_H
#define WORKER_FIT_H

#include "transcode/worker/source/source.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Gives each speaker of `to` what it gets from `from`: itself, else what a
 * mix-down or an equal share makes of it. Only channels and speakers of the
 * infos are used. The arrays may not overlap.
 */
void fit_channels(const struct source_info *from, const float *frames,
		  const struct source_info *to, float *fitted, size_t count);

/* The end of the last frames, for the next ones. Embedded; all zero is none. */
struct fit {
	uint32_t rate; /* of those frames, Hz; 0: there are none */
	float last[3][SOURCE_MAX_CHANNELS];
};

/*
 * The same, and from `n` frames of the one rate to `m` of the other, which are
 * as long. Each call goes on where the last one ended. What it gives comes two
 * samples late, so that it needs no more than what was there before: enough for
 * the odd file that changes its rate on the way, where who decodes jumps about.
 * False: no memory.
 */
bool fit_frames(struct fit *fit, const struct source_info *from,
		const float *frames, size_t n, const struct source_info *to,
		float *fitted, size_t m);

#endif
