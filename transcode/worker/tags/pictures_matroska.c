/*
 * Pictures are attachments, as fonts and texts are. The names of their files
 * tell their types: "cover.jpg", "small_cover.png".
 */
#include "transcode/worker/tags/pictures_private.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/matroska.h"
#include "transcode/worker/tags/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	ATTACHED_FILE = 0x61a7,
	FILE_DESCRIPTION = 0x467e,
	FILE_NAME = 0x466e,
	FILE_TYPE = 0x4660,
	FILE_DATA = 0x465c,
	TEXT_MAX = 4096,
	FILES_MAX = 1024,
};

/* On the heap; "" where there is none. NULL: no memory. */
static char *text_of(struct input *input, const struct ebml *file, uint32_t id)
{
	struct ebml element;
	char *text = NULL;

	errno = 0;
	if (ebml_find(input, file, id, &element))
		text = ebml_bytes(input, &element, TEXT_MAX);
	return text || errno == ENOMEM ? text : strdup("");
}

/* An attached font or text is not a picture, and not an error either. */
static bool may_be_picture(struct input *input, const struct ebml *data,
			   const char *type)
{
	uint64_t size = data->end - data->start;
	uint8_t head[IMAGE_HEAD_SIZE];
	struct image image;

	if (size > sizeof(head))
		size = sizeof(head);
	return strncasecmp(type, "image", 5) == 0 ||
	       (input_read(input, data->start, head, (size_t)size) ==
			(ssize_t)size &&
		image_look(head, (size_t)size, &image));
}

static int add_data(struct input *input, const struct ebml *data,
		    const char *name, const char *description,
		    struct pictures *pictures)
{
	auto_free char *bytes = NULL;
	bool front = strncasecmp(name, "cover.", 6) == 0;

	if (data->end - data->start > PICTURE_SIZE_MAX) {
		pictures_lose(pictures, "it is too large");
		return 0;
	}
	bytes = ebml_bytes(input, data, PICTURE_SIZE_MAX);
	if (!bytes)
		return errno == ENOMEM ? fail(-ENOMEM, "out of memory") : 0;
	return pictures_add(pictures, front ? PICTURE_FRONT : PICTURE_OTHER,
			    description, strlen(description),
			    (const uint8_t *)bytes,
			    (size_t)(data->end - data->start));
}

static int add_file(struct input *input, const struct ebml *file,
		    struct pictures *pictures)
{
	auto_free char *name = text_of(input, file, FILE_NAME);
	auto_free char *type = text_of(input, file, FILE_TYPE);
	auto_free char *description = text_of(input, file, FILE_DESCRIPTION);
	struct ebml data;

	if (!name || !type || !description)
		return fail(-ENOMEM, "out of memory");
	if (!ebml_find(input, file, FILE_DATA, &data) ||
	    !may_be_picture(input, &data, type))
		return 0;
	return add_data(input, &data, name, description, pictures);
}

static int add_files(struct input *input, const struct ebml *attachments,
		     struct pictures *pictures)
{
	struct ebml file;
	uint64_t at = attachments->start;
	int error = 0;

	for (int i = 0; !error && i < FILES_MAX; i++) {
		if (!ebml_next(input, &at, attachments->end, &file))
			break;
		if (file.id == ATTACHED_FILE)
			error = add_file(input, &file, pictures);
	}
	return error;
}

int pictures_of_matroska(struct input *input, const struct matroska *matroska,
			 struct pictures *pictures)
{
	int error = 0;

	for (unsigned i = 0; !error && i < matroska->count; i++) {
		if (matroska->parts[i].id == MATROSKA_ATTACHMENTS)
			error = add_files(input, &matroska->parts[i], pictures);
	}
	return error;
}
