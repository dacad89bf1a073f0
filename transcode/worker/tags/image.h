/*
 * What a picture is, according to its content and never to a tag or a name:
 * reads only its header.
 */
#ifndef WORKER_IMAGE_H
#define WORKER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Larger ones are bombs: no decoder gets them. */
#define IMAGE_PIXELS_MAX 40000000u

/* This many bytes tell the kind. */
#define IMAGE_HEAD_SIZE 32

enum image_kind {
	IMAGE_JPEG = 1,
	IMAGE_PNG,
	IMAGE_GIF,
	IMAGE_BMP,
	IMAGE_TIFF,
	IMAGE_WEBP,
};

struct image {
	enum image_kind kind;
	uint32_t width, height; /* pixels; 0 where the header does not tell */

	/* Any player shows it: JPEG in one pass, gray or YCbCr of 8 bits; PNG
	   of up to 8 bits, not interlaced. */
	bool simple;

	/* JPEG that is simple but for being in several passes. */
	bool progressive;
};

/*
 * Where the picture begins: a program that misread a description or counted
 * wrong took what precedes it for a part of it. 0: as given.
 */
size_t image_begin(const uint8_t *bytes, size_t size);

/* False: `bytes` are not a picture of a kind known here. */
bool image_look(const uint8_t *bytes, size_t size, struct image *image);

#endif
