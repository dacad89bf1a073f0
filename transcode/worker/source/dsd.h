/* Lengths of DSF and DFF files, from their headers and their content. */
#ifndef WORKER_DSD_H
#define WORKER_DSD_H

#include "transcode/worker/input.h"

#include <stdint.h>

/*
 * Samples per channel as they are decoded, of eight bits each; 0: it is
 * neither, or is compressed.
 */
uint64_t dsd_samples(struct input *input, uint64_t start, uint32_t channels);

#endif
