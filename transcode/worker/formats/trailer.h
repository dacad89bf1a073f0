/* Tags at the end of a file that has no container: MP3, ADTS AAC and others. */
#ifndef WORKER_TRAILER_H
#define WORKER_TRAILER_H

#include "transcode/worker/input.h"

/*
 * Where they begin, input->size without any; never before `start`. A medium
 * that cannot be read shows in input->error.
 */
uint64_t trailer_start(struct input *input, uint64_t start);

#endif
