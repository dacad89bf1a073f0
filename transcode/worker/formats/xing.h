/*
 * Headers of MP3 frames, and the frame without music that many encoders put
 * first.
 */
#ifndef WORKER_XING_H
#define WORKER_XING_H

#include "transcode/worker/input.h"

#include <stdbool.h>
#include <stdint.h>

struct xing {
	uint64_t samples; /* per channel in all frames, padding included */
	uint32_t padding; /* frames at the end that no encoder was fed */
	bool complete;	  /* the size it states is right, and it counts
			     correctly */
};

/*
 * Looks for it behind `start` bytes. Layout: Xing's VBR header (frames, bytes,
 * table, quality) and LAME's extension, http://gabriel.mp3-tech.org/mp3infotag
 */
bool xing_read(struct input *input, uint64_t start, struct xing *xing);

/*
 * How many bytes of a frame are main data, which may belong to later frames: at
 * least 1, even if it is not a frame of layer III.
 */
int64_t xing_main_data(const uint8_t *frame, size_t size);

/* Whether it is a frame of MPEG-2 or 2.5, layer III. */
bool xing_is_low(const uint8_t *frame, size_t size);

#endif
