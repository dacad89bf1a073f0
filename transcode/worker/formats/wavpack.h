/* What WavPack's blocks say about themselves ("WavPack 4 & 5 File Format"). */
#ifndef WORKER_WAVPACK_H
#define WORKER_WAVPACK_H

#include "transcode/worker/input.h"

#include <stdbool.h>

/* Whether the first block says that it is lossy. */
bool wavpack_is_hybrid(struct input *input, uint64_t start);

/*
 * Where the last block ends, in samples, if it is whole and only tags follow;
 * else 0.
 */
uint64_t wavpack_end(struct input *input, uint64_t start);

#endif
