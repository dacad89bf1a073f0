/*
 * Writes ID3v2.4 (id3v2.4.0-structure and -frames, Nilsson 2000), which keeps
 * multiple values of a field apart, or ID3v2.3 (id3v2.3.0, 1999) for players
 * that read no other. A tag is never empty: it says what wrote it, if the
 * source does not.
 */
#ifndef WORKER_ID3_H
#define WORKER_ID3_H

#include "transcode/worker/tags/tags.h"

#include <stddef.h>
#include <stdint.h>

struct picture;

/*
 * Bytes of the whole tag, header and pictures included. `version` is 3 or 4;
 * for 3, the tags must be of its frames (tags_old.h).
 */
uint32_t id3_size(const struct tags *tags, unsigned version);

/* What one more picture adds to it, in whatever version. */
uint32_t id3_picture_size(const struct picture *picture);

/*
 * Writes a tag of exactly `size` bytes into `to`, which must hold zeros. From
 * the first frame that does not fit, everything is left out; the rest is
 * padding. -EINVAL: that is impossible, or exceeds the format's 256 MiB.
 */
int id3_write(const struct tags *tags, unsigned version, uint8_t *to,
	      size_t size);

#endif
