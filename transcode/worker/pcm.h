/*
 * Decoded audio in blocks of one second: what encoders and measures read. A
 * block holds exactly `rate` frames, interleaved; behind the end of the track
 * it is silence. Floats are within [-1, 1) if the source's are.
 *
 * Blocks are borrowed from the daemon, which lends the same ones to all
 * workers, so that each is made once; a block that cannot be borrowed is made
 * in this process's heap.
 */
#ifndef WORKER_PCM_H
#define WORKER_PCM_H

#include "base/file_id.h"
#include "transcode/plan/plan.h"
#include "transcode/protocol.h"
#include "transcode/worker/source/source.h"

#include <stdint.h>

struct pcm;

/* Lends blocks (link.h); each function gives 0 or -ENOTCONN. */
struct lender {
	int (*want)(void *context, struct loan *loan, uint8_t **bytes);
	int (*filled)(void *context, const struct loan *loan);
	int (*give_back)(void *context, const struct loan *loan);
	void *context;
};

/*
 * Opens a track. `shape` is what was promised: a source that turns out longer
 * is cut, a shorter one is silent at its end; one with another rate or other
 * channels is -EINVAL. Takes ownership of input->fd, on success and on failure.
 */
int pcm_open(const struct input *input, const struct file_id *id,
	     const struct shape *shape, struct pcm **pcm);
void pcm_close(struct pcm *pcm); /* NULL is allowed */

/* Whether this is what pcm_open() would open. pcm may be NULL. */
bool pcm_is(const struct pcm *pcm, const struct file_id *id,
	    const struct shape *shape);

/*
 * A task begins: what was borrowed in the last one is gone. NULL: nobody lends
 * anything.
 */
void pcm_begin(struct pcm *pcm, const struct lender *lender);

/*
 * Gives a block. It stays valid until the next call. `layout` has 1 or 2
 * channels or as many as the source. -EIO and the like: the medium cannot be
 * read, -ENOMEM, -ENOTCONN.
 */
int pcm_block(struct pcm *pcm, const struct pcm_layout *layout, uint64_t second,
	      const void **bytes);

/* Whether the last block is lent, so that the daemon has it, too. */
bool pcm_is_lent(const struct pcm *pcm);

const struct shape *pcm_shape(const struct pcm *pcm);

/* Of the source's integer samples; 0: they are floats, or lossy. */
uint32_t pcm_bits(const struct pcm *pcm);

/*
 * Frames at the source's rate that had to be silent, and decoders opened anew.
 */
uint64_t pcm_silent(const struct pcm *pcm);
uint32_t pcm_restarts(const struct pcm *pcm);

#endif
