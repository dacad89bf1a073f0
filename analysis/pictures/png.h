/*
 * PNG files whose size is known before there is a picture: it is compressed,
 * and what is left is filled with zeros in a chunk of our own before IEND.
 * Source: W3C, Portable Network Graphics (Third Edition). The chunk's name,
 * paDd, says by its letters' case (5.4): ancillary, private, (reserved), safe
 * to copy.
 *
 * Any picture fits into PNG_STORED_SIZE, compressed or not: see there.
 */
#ifndef ANALYSIS_PNG_H
#define ANALYSIS_PNG_H

#include <stddef.h>
#include <stdint.h>

struct png_image {
	unsigned width;
	unsigned height;
	unsigned colors;	     /* of the palette, 1 to 256 */
	const uint8_t (*palette)[3]; /* red, green, blue; sRGB */
	const uint8_t *pixels;	     /* one byte each, less than `colors` */
};

enum png_filter {
	PNG_PLAIN, /* for what has little in common with the row above */
	PNG_ABOVE, /* for what is mostly like the row above */
};

/* Bits that PNG needs for a pixel of so many colors. */
#define PNG_BITS(colors)                                                       \
	((colors) > 16 ? 8u : (colors) > 4 ? 4u : (colors) > 2 ? 2u : 1u)

/*
 * Enough without compression: the rows with a filter byte each, 1 % for the
 * heads of deflate's stored blocks and of IDAT chunks (5 and 12 bytes for every
 * 8 KiB or more, which is 0.2 %), and the other chunks: signature 8, IHDR 25,
 * PLTE 12 and the colors, zlib 6, IDAT 12, paDd 12, IEND 12.
 */
#define PNG_STORED_SIZE(width, height, colors)                                 \
	(((width)*PNG_BITS(colors) / 8 + 2) * (height)*101 / 100 +             \
	 3 * (colors) + 128)

/*
 * Writes exactly `size` bytes. -ENOSPC: it does not fit, even stored; -ENOMEM.
 * What is at `to` is then undefined.
 */
int png_write(const struct png_image *image, enum png_filter filter,
	      size_t size, uint8_t *to);

#endif
