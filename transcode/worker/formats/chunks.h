/*
 * Where the samples of a WAV, AIFF, W64, CAF or AU file lie, by its header, and
 * other chunks.
 */
#ifndef WORKER_CHUNKS_H
#define WORKER_CHUNKS_H

#include "transcode/worker/input.h"

#include <stdbool.h>

struct chunks_samples {
	uint64_t start;		  /* bytes */
	uint64_t size;		  /* bytes, whatever the header says */
	bool misstated;		  /* the header says something else */
	struct input_patch patch; /* what it should say, as far as it can */
};

/*
 * -ENOENT: it is none of those, or has no samples. A medium that cannot be read
 * shows in input->error.
 */
int chunks_find_samples(struct input *input, struct chunks_samples *samples);

/*
 * Where an ID3v2 tag begins that has a chunk of its own, before or behind the
 * samples. -ENOENT: there is none.
 */
int chunks_find_id3(struct input *input, uint64_t *start);

/* Where the first chunk of that name (four letters) has its bytes. */
bool chunks_find(struct input *input, const char *name, uint64_t *at);

#endif
