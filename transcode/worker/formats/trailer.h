/* Tags at the end of a file without a container: MP3, ADTS AAC and others. */
#ifndef WORKER_TRAILER_H
#define WORKER_TRAILER_H

#include "transcode/worker/input.h"

/*
 * Where they begin, input->size if there are none; never before `start`. A read
 * error is in input->error.
 */
uint64_t trailer_start(struct input *input, uint64_t start);

#endif
