/* Converts a picture to what any player can show: a baseline JPEG. */
#ifndef WORKER_PICTURE_CONVERT_H
#define WORKER_PICTURE_CONVERT_H

#include "transcode/worker/tags/image.h"

#include <stddef.h>
#include <stdint.h>

/* Whether it must be converted: because of its kind, or of its size. */
bool picture_needs_conversion(const struct image *image, uint32_t side_max);

/*
 * Converts; `side_max` is the longest side allowed in pixels, 0: any. The same
 * picture gives the same bytes. They are on the heap. -EINVAL: it cannot be
 * decoded or is too large to try, -ENOMEM; fail_text() says why.
 */
int picture_convert(const uint8_t *from, size_t from_size,
		    const struct image *image, uint32_t side_max, int quality,
		    uint8_t **bytes, size_t *size);

#endif
