/*
 * "Cover Art (Front)" is a file name, a NUL and the picture. The file name may
 * be a description; some programs leave it out, and some also the NUL.
 */
#include "transcode/worker/tags/pictures_private.h"

#include "transcode/worker/tags/image.h"

#include <string.h>
#include <strings.h>

static uint32_t type_of_key(const char *key)
{
	const char *name = strchr(key, '(');
	int type = name ? picture_type(name + 1, strcspn(name + 1, ")"),
				       PICTURE_WORDS_APE)
			: -1;

	return type < 0 ? PICTURE_OTHER : (uint32_t)type;
}

int pictures_add_ape(struct pictures *pictures, const char *key,
		     const uint8_t *bytes, size_t size)
{
	struct image image;
	size_t named = image_look(bytes, size, &image)
			       ? 0
			       : strnlen((const char *)bytes, size);
	size_t length = named;

	if (strncasecmp((const char *)bytes, "cover",
			length < 5 ? length : 5) == 0)
		length = 0;
	if (named > 0 || (size > 0 && *bytes == '\0'))
		named += named < size;
	return pictures_add(pictures, type_of_key(key), (const char *)bytes,
			    length, bytes + named, size - named);
}
