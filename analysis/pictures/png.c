/*
 * libpng, writing into memory. Its errors (there is none but lack of memory)
 * come by longjmp, so what is used afterwards lives in a struct of the
 * caller's.
 */
#include "analysis/pictures/png.h"

#include <errno.h>
#include <png.h>
#include <string.h>

enum {
	LEVEL = 6,
	STORED = 0,
	CHUNK = 12, /* length, name, checksum */
	IDAT = 1 << 16,
};

struct png_sink {
	uint8_t *to;
	size_t room;
	size_t size; /* written, or would have been */
};

/* Counts what does not fit; who asked finds out at the end. */
static void take_png_bytes(png_structp png, png_bytep bytes, size_t size)
{
	struct png_sink *sink = png_get_io_ptr(png);

	if (sink->size + size <= sink->room)
		memcpy(sink->to + sink->size, bytes, size);
	sink->size += size;
}

static void flush(png_structp png)
{
	(void)png;
}

/* Lack of memory; libpng's own words for it would go to stderr. */
static void give_up(png_structp png, png_const_charp message)
{
	(void)message;
	png_longjmp(png, 1);
}

static void keep_silent(png_structp png, png_const_charp message)
{
	(void)png, (void)message;
}

static void put_head(png_structp png, png_infop info,
		     const struct png_image *image)
{
	png_color palette[256];

	for (unsigned i = 0; i < image->colors; i++) {
		palette[i].red = image->palette[i][0];
		palette[i].green = image->palette[i][1];
		palette[i].blue = image->palette[i][2];
	}
	png_set_IHDR(png, info, image->width, image->height,
		     (int)PNG_BITS(image->colors), PNG_COLOR_TYPE_PALETTE,
		     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		     PNG_FILTER_TYPE_DEFAULT);
	png_set_PLTE(png, info, palette, (int)image->colors);
	png_write_info(png, info);
	png_set_packing(png);
}

static void put_padding(png_structp png, const struct png_sink *sink)
{
	static const uint8_t zeros[4096];
	size_t used = sink->size + 2 * CHUNK; /* with IEND */
	size_t left;

	if (used > sink->room)
		return; /* it will not do anyway */
	left = sink->room - used;
	png_write_chunk_start(png, (png_const_bytep) "paDd", (png_uint_32)left);
	while (left > 0) {
		size_t part = left < sizeof(zeros) ? left : sizeof(zeros);

		png_write_chunk_data(png, zeros, part);
		left -= part;
	}
	png_write_chunk_end(png);
}

static void put_rows(png_structp png, const struct png_image *image)
{
	for (unsigned y = 0; y < image->height; y++)
		png_write_row(png, image->pixels + (size_t)y * image->width);
}

static int put_all(png_structp png, png_infop info,
		   const struct png_image *image, enum png_filter filter,
		   int level, struct png_sink *sink)
{
	if (setjmp(png_jmpbuf(png)))
		return -ENOMEM;
	png_set_write_fn(png, sink, take_png_bytes, flush);
	png_set_compression_level(png, level);
	png_set_compression_buffer_size(png, IDAT);
	png_set_filter(png, 0,
		       level != STORED && filter == PNG_ABOVE
			       ? PNG_FILTER_UP
			       : PNG_FILTER_NONE);
	put_head(png, info, image);
	put_rows(png, image);
	put_padding(png, sink);
	png_write_end(png, NULL);
	return 0;
}

static int attempt(const struct png_image *image, enum png_filter filter,
		   int level, struct png_sink *sink)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  give_up, keep_silent);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	int error =
		info ? put_all(png, info, image, filter, level, sink) : -ENOMEM;

	png_destroy_write_struct(&png, &info);
	if (error)
		return error;
	return sink->size == sink->room ? 0 : -ENOSPC;
}

int png_write(const struct png_image *image, enum png_filter filter,
	      size_t size, uint8_t *to)
{
	struct png_sink sink = {to, size, 0};
	int error = attempt(image, filter, LEVEL, &sink);

	if (error != -ENOSPC)
		return error;
	sink = (struct png_sink){to, size, 0};
	return attempt(image, filter, STORED, &sink);
}
