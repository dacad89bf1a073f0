/*
 * JPEG, read and written by libjpeg-turbo. Its bytes depend only on the pixels
 * and the quality: integer arithmetic, whatever the processor.
 */
#ifndef WORKER_JPEG_H
#define WORKER_JPEG_H

#include <stddef.h>
#include <stdint.h>

/* 8 bits each of red, green and blue, rows one behind the other. */
struct pixels {
	uint8_t *rgb; /* on the heap */
	uint32_t width, height;
};

/*
 * Decodes one of any color space. Where both sides stay at least `side` long,
 * a half, a quarter or an eighth of its size is decoded; 0: all of it. -EINVAL
 * when it cannot be decoded, -ENOMEM.
 */
int jpeg_read(const uint8_t *bytes, size_t size, uint32_t side,
	      struct pixels *pixels);

/* A baseline JPEG, on the heap. `quality` is libjpeg's, 1 to 100. */
int jpeg_write(const struct pixels *pixels, int quality, uint8_t **bytes,
	       size_t *size);

/*
 * The same coefficients, hence the same pixels, in one pass. Keeps comments and
 * metadata. -EINVAL: it cannot be read, -ENOMEM.
 */
int jpeg_make_baseline(const uint8_t *from, size_t from_size, uint8_t **bytes,
		       size_t *size);

#endif
