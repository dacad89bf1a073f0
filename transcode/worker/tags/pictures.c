/*
 * Collect, then convert, then sort. Programs state wrong types for pictures, or
 * none, so content decides, and each format's own reader delivers all that it
 * finds.
 *
 * A tag is written by the same code that computed its length, so whatever is
 * decided here is the same each time.
 */
#include "transcode/worker/tags/pictures.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/tags/image.h"
#include "transcode/worker/tags/picture_convert.h"
#include "transcode/worker/tags/pictures_private.h"

#include <stdio.h>
#include <string.h>

void pictures_lose(struct pictures *pictures, const char *problem)
{
	if (!*pictures->problem)
		snprintf(pictures->problem, sizeof(pictures->problem), "%s",
			 problem);
}

static void release(struct picture *picture)
{
	free(picture->description);
	free(picture->original);
	free(picture->converted);
}

int pictures_add(struct pictures *pictures, uint32_t type,
		 const char *description, size_t length, const uint8_t *bytes,
		 size_t size)
{
	struct picture *picture = &pictures->items[pictures->count];
	size_t skip = image_begin(bytes, size);

	bytes += skip;
	size -= skip;
	if (size > PICTURE_SIZE_MAX ||
	    size > PICTURES_SIZE_MAX - pictures->size) {
		pictures_lose(pictures, "it is too large");
		return 0;
	}
	if (pictures->count == PICTURES_MAX) {
		pictures_lose(pictures, "there are too many");
		return 0;
	}
	*picture = (struct picture){
		.type = type < PICTURE_TYPES ? (uint8_t)type : PICTURE_OTHER,
		.description = strndup(description, length),
		.original = malloc(size + 1),
		.original_size = size,
	};
	if (!picture->description || !picture->original) {
		release(picture);
		return fail(-ENOMEM, "out of memory");
	}
	memcpy(picture->original, bytes, size);
	pictures->size += size;
	pictures->count++;
	return 0;
}

void pictures_release(struct pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++)
		release(&pictures->items[i]);
	*pictures = (struct pictures){0};
}

/*
 * What cannot be converted stays as it is if most players show it anyway.
 * -EINVAL: leave it out.
 */
static int convert_picture(struct pictures *pictures, struct picture *picture,
			   const struct image *image,
			   const struct picture_wish *wish)
{
	int error = picture_convert(picture->original, picture->original_size,
				    image, wish->side_max, wish->quality,
				    &picture->converted, &picture->size);

	if (!error) {
		picture->bytes = picture->converted;
		picture->mime = "image/jpeg";
		return 0;
	}
	pictures_lose(pictures, fail_text());
	return image->kind == IMAGE_JPEG || image->kind == IMAGE_PNG ? 0
								     : -EINVAL;
}

/* -EINVAL: leave it out. */
static int make_ready(struct pictures *pictures, struct picture *picture,
		      const struct picture_wish *wish)
{
	struct image image;
	uint32_t side;

	free(picture->converted);
	picture->converted = NULL;
	picture->bytes = picture->original;
	picture->size = picture->original_size;
	if (!image_look(picture->bytes, picture->size, &image)) {
		pictures_lose(pictures, "its content is of no known kind");
		return -EINVAL;
	}
	side = image.width > image.height ? image.width : image.height;
	if (side > pictures->side)
		pictures->side = side;
	picture->mime = image.kind == IMAGE_PNG ? "image/png" : "image/jpeg";
	if (!picture_needs_conversion(&image, wish->side_max))
		return 0;
	return convert_picture(pictures, picture, &image, wish);
}

static void make_all_ready(struct pictures *pictures,
			   const struct picture_wish *wish)
{
	size_t kept = 0;

	for (size_t i = 0; i < pictures->count; i++) {
		struct picture *picture = &pictures->items[i];

		if (make_ready(pictures, picture, wish) == 0) {
			pictures->items[kept++] = *picture;
			continue;
		}
		pictures->size -= picture->original_size;
		release(picture);
	}
	pictures->count = kept;
}

/* Many players show the first one, whatever its type. */
static void put_front_cover_first(struct pictures *pictures)
{
	for (size_t i = 1; i < pictures->count; i++) {
		struct picture front = pictures->items[i];

		if (front.type != PICTURE_FRONT)
			continue;
		if (pictures->items[0].type == PICTURE_FRONT)
			return;
		memmove(&pictures->items[1], &pictures->items[0],
			i * sizeof(front));
		pictures->items[0] = front;
		return;
	}
}

void pictures_make_ready(struct pictures *pictures,
			 const struct picture_wish *wish)
{
	make_all_ready(pictures, wish);
	put_front_cover_first(pictures);
}

bool pictures_is_file(struct input *input)
{
	uint8_t head[IMAGE_HEAD_SIZE];
	struct image image;

	return input_read(input, 0, head, sizeof(head)) == sizeof(head) &&
	       image_look(head, sizeof(head), &image);
}

int pictures_add_file(struct input *input, struct pictures *pictures)
{
	auto_free uint8_t *bytes = NULL;
	ssize_t n;

	if (input->size > PICTURE_SIZE_MAX)
		return fail(-EINVAL, "it is too large for a picture");
	bytes = malloc((size_t)input->size + 1);
	n = bytes ? input_read(input, 0, bytes, (size_t)input->size)
		  : fail(-ENOMEM, "out of memory");
	if (n < 0)
		return (int)n;
	return pictures_add(pictures, PICTURE_FRONT, "", 0, bytes, (size_t)n);
}
