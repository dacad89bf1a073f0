/*
 * Collect, then convert, then sort.
 *
 * FFmpeg hands out pictures of the MIME types and file extensions that it
 * knows and drops the others, and it never looks into Ogg FLAC's blocks. So
 * FLAC and Ogg are read here, and where FFmpeg gives what it did not know as an
 * attachment, that is taken: content decides.
 *
 * A tag is written by the same code that said how long it is, so whatever is
 * decided here is the same each time.
 */
#include "transcode/worker/tags/pictures.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/sniff.h"
#include "transcode/worker/tags/image.h"
#include "transcode/worker/tags/picture_convert.h"
#include "transcode/worker/tags/pictures_inner.h"

#include <stdio.h>
#include <string.h>

static void note_problem(struct pictures *pictures, const char *problem)
{
	if (!*pictures->problem)
		snprintf(pictures->problem, sizeof(pictures->problem), "%s",
			 problem);
}

int pictures_add(struct pictures *pictures, uint32_t type,
		 const char *description, size_t length, const uint8_t *bytes,
		 size_t size)
{
	struct picture *picture = &pictures->items[pictures->count];

	if (size > PICTURE_SIZE_MAX ||
	    size > PICTURES_SIZE_MAX - pictures->size) {
		note_problem(pictures, "it is too large");
		return 0;
	}
	if (pictures->count == PICTURES_MAX) {
		note_problem(pictures, "there are too many");
		return 0;
	}
	*picture = (struct picture){
		.type = type < PICTURE_TYPES ? (uint8_t)type : PICTURE_OTHER,
		.description = strndup(description, length),
		.bytes = malloc(size + 1),
		.size = size,
	};
	if (!picture->description || !picture->bytes) {
		free(picture->description);
		free(picture->bytes);
		return fail(-ENOMEM, "out of memory");
	}
	memcpy(picture->bytes, bytes, size);
	pictures->size += size;
	pictures->count++;
	return 0;
}

static void release(struct picture *picture)
{
	free(picture->description);
	free(picture->bytes);
}

void pictures_release(struct pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++)
		release(&pictures->items[i]);
	*pictures = (struct pictures){0};
}

static void replace(struct pictures *pictures, struct picture *picture,
		    uint8_t *bytes, size_t size)
{
	free(picture->bytes);
	pictures->size = pictures->size - picture->size + size;
	picture->bytes = bytes;
	picture->size = size;
	picture->mime = "image/jpeg";
}

/*
 * What cannot be converted stays as it is if most players show it anyway.
 * -EINVAL: it is to be left out.
 */
static int convert(struct pictures *pictures, struct picture *picture,
		   const struct image *image, const struct picture_wish *wish)
{
	uint8_t *bytes;
	size_t size;
	int error =
		picture_convert(picture->bytes, picture->size, image,
				wish->side_max, wish->quality, &bytes, &size);

	if (!error) {
		replace(pictures, picture, bytes, size);
		return 0;
	}
	note_problem(pictures, fail_text());
	return image->kind == IMAGE_JPEG || image->kind == IMAGE_PNG ? 0
								     : -EINVAL;
}

/* -EINVAL: it is to be left out. */
static int make_ready(struct pictures *pictures, struct picture *picture,
		      const struct picture_wish *wish)
{
	struct image image;
	uint32_t side;

	if (!image_look(picture->bytes, picture->size, &image)) {
		note_problem(pictures, "its content is of no known kind");
		return -EINVAL;
	}
	side = image.width > image.height ? image.width : image.height;
	if (side > pictures->side)
		pictures->side = side;
	picture->mime = image.kind == IMAGE_PNG ? "image/png" : "image/jpeg";
	if (!picture_needs_conversion(&image, wish->side_max))
		return 0;
	return convert(pictures, picture, &image, wish);
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
		pictures->size -= picture->size;
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

static int collect(struct input *input, const struct sniff *found,
		   const struct media *media, struct pictures *pictures)
{
	const char *demuxer = found->demuxer ? found->demuxer : "";

	if (strcmp(demuxer, "flac") == 0)
		return headers_of_flac(input, found->start,
				       HEADER_COMMENTS | HEADER_PICTURE,
				       pictures_add_header, pictures);
	if (strcmp(demuxer, "ogg") == 0)
		return headers_of_ogg(input, found->start, pictures_add_header,
				      pictures);
	return media ? pictures_of_media(media, pictures) : 0;
}

int pictures_read(struct input *input, const struct sniff *found,
		  const struct media *media, const struct picture_wish *wish,
		  struct pictures *pictures)
{
	int error;

	*pictures = (struct pictures){0};
	error = collect(input, found, media, pictures);
	if (error == -ENOMEM || input->error) {
		pictures_release(pictures);
		return error;
	}
	make_all_ready(pictures, wish);
	put_front_cover_first(pictures);
	return 0;
}

bool pictures_is_file(struct input *input)
{
	uint8_t head[IMAGE_HEAD_SIZE];
	struct image image;

	return input_read(input, 0, head, sizeof(head)) == sizeof(head) &&
	       image_look(head, sizeof(head), &image);
}

int pictures_read_file(struct input *input, const struct picture_wish *wish,
		       struct pictures *pictures)
{
	auto_free uint8_t *bytes = NULL;
	ssize_t n;
	int error;

	*pictures = (struct pictures){0};
	if (input->size > PICTURE_SIZE_MAX)
		return fail(-EINVAL, "it is too large for a picture");
	bytes = malloc((size_t)input->size + 1);
	n = bytes ? input_read(input, 0, bytes, (size_t)input->size)
		  : fail(-ENOMEM, "out of memory");
	if (n < 0)
		return (int)n;
	error = pictures_add(pictures, PICTURE_FRONT, "", 0, bytes, (size_t)n);
	if (error)
		return error;
	make_all_ready(pictures, wish);
	if (pictures->count > 0)
		return 0;
	error = fail(-EINVAL, "this picture cannot be used: %s",
		     pictures->problem);
	return error;
}
