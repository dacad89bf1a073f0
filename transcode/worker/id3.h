/*
 * Writing ID3v2.3 (id3v2.3.0, Nilsson 1999): version 2.3 because every player
 * reads it. A tag is never empty: it always names what wrote it.
 */
#ifndef WORKER_ID3_H
#define WORKER_ID3_H

#include "transcode/worker/tags.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of the whole tag, header included, without a folder's cover. */
uint32_t id3_size(const struct tags *tags);

/*
 * Writes a tag of exactly `size` bytes into `to`, which must hold zeros. What
 * does not fit is left out, from the first frame that does not on; what is left
 * over is padding. Behind the last frame `reserved` bytes stay zero, for a
 * cover's frame: they begin at to[*place].
 * -EINVAL when that cannot be, or past the format's 256 MiB.
 */
int id3_write(const struct tags *tags, uint8_t *to, size_t size,
	      size_t reserved, size_t *place);

/*
 * Writes what stands before the bytes of a picture in its frame:
 * COVER_FRAME_OVERHEAD bytes (transcode/cover.h). `picture` has `size` bytes.
 */
void id3_write_cover_head(const uint8_t *picture, uint32_t size, uint8_t *to);

#endif
