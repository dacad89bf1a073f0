/* Pictures in MP4 have no types: the first one is the front cover. */
#include "transcode/worker/tags/pictures_private.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/mp4.h"

#include <stdlib.h>

static int add_image(struct input *input, const struct mp4_cover *image,
		     struct pictures *pictures)
{
	size_t size = (size_t)(image->end - image->start);
	auto_free uint8_t *bytes = NULL;

	if (size > PICTURE_SIZE_MAX) {
		pictures_lose(pictures, "it is too large");
		return 0;
	}
	bytes = malloc(size + 1);
	if (!bytes)
		return fail(-ENOMEM, "out of memory");
	if (input_read(input, image->start, bytes, size) != (ssize_t)size)
		return 0; /* cut off */
	return pictures_add(pictures,
			    pictures->count ? PICTURE_OTHER : PICTURE_FRONT, "",
			    0, bytes, size);
}

int pictures_of_mp4(struct input *input, uint64_t start,
		    struct pictures *pictures)
{
	struct mp4_covers covers;
	struct mp4_cover image;
	int error = 0;

	mp4_find_covers(input, start, &covers);
	for (unsigned i = 0; i < covers.count; i++) {
		while (!error &&
		       mp4_next_image(input, &covers.items[i], &image))
			error = add_image(input, &image, pictures);
	}
	return error;
}
