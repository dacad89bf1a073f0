/*
 * Converts audio of one format to another: for files whose format changes
 * midway. For what listeners ask for, see mix.h.
 */
#ifndef WORKER_FIT_H
#define WORKER_FIT_H

#include "transcode/worker/source/source.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Gives each speaker of `to` its share of `from`: itself, otherwise that of a
 * mix-down or an equal share. Only channels and speakers of the infos are used.
 * The arrays may not overlap.
 */
void fit_channels(const struct source_info *from, const float *frames,
		  const struct source_info *to, float *fitted, size_t count);

/*
 * The end of the last frames, for the next ones. Embedded; initialize with
 * zeros.
 */
struct fit {
	uint32_t rate; /* of those frames, Hz; 0: there are none */
	float last[3][SOURCE_MAX_CHANNELS];
};

/*
 * The same, and from `n` frames at one rate to `m` at the other, with the same
 * duration. Each call continues where the last one ended. Its output comes two
 * samples late, so that it only needs what came before: good enough for the
 * rare file that changes its rate midway, where decoding jumps about. False: no
 * memory.
 */
bool fit_frames(struct fit *fit, const struct source_info *from,
		const float *frames, size_t n, const struct source_info *to,
		float *fitted, size_t m);

#endif
