/*
 * Pictures arrive with wrong MIME types, in capitals, without any, or as text
 * files called cover.jpg. So they are recognized by their first bytes, as the
 * formats' specifications describe them:
 *
 *   JPEG  ITU-T T.81, B.1 (markers) and B.2.2 (frame header)
 *   PNG   RFC 2083, 3.1 and 4.1.1
 *   GIF   GIF89a, 17 and 18
 *   BMP   BITMAPCOREHEADER and BITMAPINFOHEADER
 *   TIFF  TIFF 6.0, section 2
 *   WebP  RFC 9649, 2.5 to 2.7
 */
#include "transcode/worker/tags/image.h"

#include <stdlib.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t size;
};

static uint32_t big(struct bytes b, size_t offset, unsigned count)
{
	uint32_t value = 0;

	if (offset > b.size || b.size - offset < count)
		return 0;
	for (unsigned i = 0; i < count; i++)
		value = value << 8 | b.at[offset + i];
	return value;
}

static uint32_t little(struct bytes b, size_t offset, unsigned count)
{
	uint32_t value = 0;

	if (offset > b.size || b.size - offset < count)
		return 0;
	for (unsigned i = 0; i < count; i++)
		value |= (uint32_t)b.at[offset + i] << 8 * i;
	return value;
}

/* SOF0 to SOF15, without DHT, JPG and DAC, which lie among them. */
static bool is_frame_header(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	       marker != 0xc8 && marker != 0xcc;
}

static void take_frame_header(struct bytes b, size_t at, bool rgb,
			      struct image *image)
{
	uint8_t marker = b.at[at + 1];
	uint32_t components = big(b, at + 9, 1);
	bool usual = big(b, at + 4, 1) == 8 && !rgb &&
		     (components == 1 || components == 3);

	image->height = big(b, at + 5, 2);
	image->width = big(b, at + 7, 2);
	image->simple = usual && marker <= 0xc1;
	image->progressive = usual && marker == 0xc2;
}

/* "Adobe", version, two flags, transform: 0 says that colors are as stored. */
static bool says_rgb(struct bytes b, size_t at)
{
	return big(b, at, 2) == 0xffee && big(b, at + 2, 2) >= 14 &&
	       big(b, at + 4, 4) == 0x41646f62 && /* "Adob" */
	       big(b, at + 15, 1) == 0;
}

static void look_at_jpeg(struct bytes b, struct image *image)
{
	bool rgb = false;
	size_t at = 2;

	while (at + 4 <= b.size && b.at[at] == 0xff) {
		uint8_t marker = b.at[at + 1];

		if (marker == 0xff) { /* a fill byte */
			at++;
			continue;
		}
		if (is_frame_header(marker)) {
			take_frame_header(b, at, rgb, image);
			return;
		}
		rgb |= says_rgb(b, at);
		at += 2 + big(b, at + 2, 2);
	}
}

static void look_at_png(struct bytes b, struct image *image)
{
	image->width = big(b, 16, 4);
	image->height = big(b, 20, 4);
	image->simple = big(b, 24, 1) <= 8 && big(b, 28, 1) == 0;
}

static void look_at_gif(struct bytes b, struct image *image)
{
	image->width = little(b, 6, 2);
	image->height = little(b, 8, 2);
}

static void look_at_bmp(struct bytes b, struct image *image)
{
	unsigned width = little(b, 14, 4) == 12 ? 2 : 4;

	image->width = little(b, 18, width);
	image->height = little(b, 18 + width, width);
	if ((int32_t)image->height < 0) /* its first row is the topmost one */
		image->height = -image->height;
}

static void look_at_tiff(struct bytes b, struct image *image)
{
	uint32_t (*get)(struct bytes, size_t, unsigned) =
		b.at[0] == 'I' ? little : big;
	size_t folder = get(b, 4, 4);
	uint32_t count = get(b, folder, 2);

	for (uint32_t i = 0; i < count; i++) {
		size_t at = folder + 2 + (size_t)12 * i;
		uint32_t tag = get(b, at, 2);
		unsigned width = get(b, at + 2, 2) == 3 ? 2 : 4; /* SHORT */

		if (tag == 256)
			image->width = get(b, at + 8, width);
		else if (tag == 257)
			image->height = get(b, at + 8, width);
	}
}

static void look_at_webp(struct bytes b, struct image *image)
{
	uint32_t sizes;

	switch (big(b, 12, 4)) {
	case 0x56503858: /* "VP8X" */
		image->width = little(b, 24, 3) + 1;
		image->height = little(b, 27, 3) + 1;
		break;
	case 0x5650384c: /* "VP8L" */
		sizes = little(b, 21, 4);
		image->width = (sizes & 0x3fff) + 1;
		image->height = (sizes >> 14 & 0x3fff) + 1;
		break;
	default: /* "VP8 " */
		image->width = little(b, 26, 2) & 0x3fff;
		image->height = little(b, 28, 2) & 0x3fff;
	}
}

static const struct {
	const char *magic;
	size_t size;
	size_t offset;
	enum image_kind kind;
	void (*look)(struct bytes bytes, struct image *image);
} kinds[] = {
	{"\xff\xd8\xff", 3, 0, IMAGE_JPEG, look_at_jpeg},
	{"\x89PNG\r\n\x1a\n", 8, 0, IMAGE_PNG, look_at_png},
	{"GIF87a", 6, 0, IMAGE_GIF, look_at_gif},
	{"GIF89a", 6, 0, IMAGE_GIF, look_at_gif},
	{"II*\0", 4, 0, IMAGE_TIFF, look_at_tiff},
	{"MM\0*", 4, 0, IMAGE_TIFF, look_at_tiff},
	{"WEBP", 4, 8, IMAGE_WEBP, look_at_webp},
	{"BM", 2, 0, IMAGE_BMP, look_at_bmp},
};

bool image_look(const uint8_t *bytes, size_t size, struct image *image)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (size < IMAGE_HEAD_SIZE ||
		    memcmp(bytes + kinds[i].offset, kinds[i].magic,
			   kinds[i].size) != 0)
			continue;
		*image = (struct image){.kind = kinds[i].kind};
		kinds[i].look((struct bytes){bytes, size}, image);
		return true;
	}
	return false;
}

/* Two letters ("BM") say nothing within other bytes. */
static bool begins_image(const uint8_t *bytes, size_t size)
{
	struct image image;

	return image_look(bytes, size, &image) && image.kind != IMAGE_BMP;
}

size_t image_begin(const uint8_t *bytes, size_t size)
{
	enum { SKIP_MAX = 256 };
	struct image image;

	if (image_look(bytes, size, &image))
		return 0;
	for (size_t i = 1; i < SKIP_MAX && i < size; i++) {
		if (begins_image(bytes + i, size - i))
			return i;
	}
	return 0;
}
