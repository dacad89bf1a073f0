/*
 * Decoded audio in blocks of one second: what encoders and measures read.
 * Blocks hold interleaved floats within [-1, 1) and exactly `rate` frames; what
 * lies behind the end of the track is silence.
 */
#ifndef WORKER_PCM_H
#define WORKER_PCM_H

#include "base/file_id.h"
#include "transcode/plan.h"
#include "transcode/worker/source.h"

#include <stdint.h>

struct pcm;

/*
 * Opens a track. `shape` is what was promised of it: a source that turns out
 * longer is cut, a shorter one is silent at its end; one of another rate or
 * with other channels is -EINVAL. input->fd is owned from here on, on success
 * and on failure.
 */
int pcm_open(const struct input *input, const struct file_id *id,
	     const struct shape *shape, struct pcm **pcm);
void pcm_close(struct pcm *pcm); /* NULL is allowed */

/* Whether this is what pcm_open() would open. pcm may be NULL. */
bool pcm_is(const struct pcm *pcm, const struct file_id *id,
	    const struct shape *shape);

/*
 * Gives block `second` at `rate` with 1 or 2 channels. It stays valid until the
 * next call. -EIO and the like when the medium cannot be read, -ENOMEM.
 */
int pcm_block(struct pcm *pcm, uint32_t rate, uint32_t channels,
	      uint64_t second, const float **frames);

const struct shape *pcm_shape(const struct pcm *pcm);

/* Frames at the source's rate that had to be silent; decoders opened anew. */
uint64_t pcm_silent(const struct pcm *pcm);
uint32_t pcm_restarts(const struct pcm *pcm);

#endif
