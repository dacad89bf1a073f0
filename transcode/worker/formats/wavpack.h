/* What WavPack's blocks tell, each of itself ("WavPack 4 & 5 File Format"). */
#ifndef WORKER_WAVPACK_H
#define WORKER_WAVPACK_H

#include "transcode/worker/input.h"

#include <stdbool.h>

/* The first block says that something was thrown away. */
bool wavpack_is_hybrid(struct input *input, uint64_t start);

/*
 * Where the last block ends, in samples, if it is whole and nothing but tags
 * follows; else 0.
 */
uint64_t wavpack_end(struct input *input, uint64_t start);

#endif
