/*
 * How much audio a number of bytes can hold. Otherwise one flipped bit of a
 * header would promise days of music.
 */
#ifndef WORKER_PLAUSIBLE_H
#define WORKER_PLAUSIBLE_H

#include "transcode/worker/source/source.h"

/*
 * The most samples per channel; `codec` is named as in source_info, bits are
 * per sample of PCM, or 0.
 */
uint64_t plausible_samples(const char *codec, uint32_t bits, uint32_t channels,
			   uint64_t bytes);

/* Drops info->samples, with a remark, if it is more than `most`. */
void plausible_weigh(struct source_info *info, uint64_t most);

/* Uses `samples` instead, with a remark, if the header says more. */
void plausible_cut(struct source_info *info, uint64_t samples);

/* Does both to what an open source says, by its last frame or by its size. */
void plausible_mend(struct source *source);

#endif
