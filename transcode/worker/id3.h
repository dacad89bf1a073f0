/*
 * Writing ID3v2.3 (id3v2.3.0, Nilsson 1999): version 2.3 because every player
 * reads it. A tag is never empty: it always names what wrote it.
 */
#ifndef WORKER_ID3_H
#define WORKER_ID3_H

#include "transcode/worker/tags.h"

#include <stddef.h>
#include <stdint.h>

struct picture;

/* Bytes of the whole tag, header and pictures included. */
uint32_t id3_size(const struct tags *tags);

/* What one more picture adds to it. */
uint32_t id3_picture_size(const struct picture *picture);

/*
 * Writes a tag of exactly `size` bytes into `to`, which must hold zeros. What
 * does not fit is left out, from the first frame that does not on; what is left
 * over is padding. -EINVAL when that cannot be, or past the format's 256 MiB.
 */
int id3_write(const struct tags *tags, uint8_t *to, size_t size);

#endif
