/*
 * Finds the samples of a WAV, AIFF, W64, CAF or AU file by its header, and
 * other chunks.
 */
#ifndef WORKER_CHUNKS_H
#define WORKER_CHUNKS_H

#include "transcode/worker/input.h"

#include <stdbool.h>

struct chunks_samples {
	uint64_t start;		  /* bytes */
	uint64_t size;		  /* bytes, whatever the header states */
	bool misstated;		  /* the header states something else */
	struct input_patch patch; /* what it should state, as far as it can */
};

/*
 * -ENOENT: the file is none of those, or has no samples. A read error is in
 * input->error.
 */
int chunks_find_samples(struct input *input, struct chunks_samples *samples);

/*
 * Where an ID3v2 tag in a chunk of its own begins, before or after the samples.
 * -ENOENT: there is none.
 */
int chunks_find_id3(struct input *input, uint64_t *start);

/* Where the content of the first chunk with that name (four letters) is. */
bool chunks_find(struct input *input, const char *name, uint64_t *at);

#endif
