/*
 * Audio files, as a worker reads them: whatever their headers say, a second is
 * the same when it is read again, and tags and pictures keep their bounds.
 */
#include "tests/fuzz/fuzz.h"

#include "transcode/worker/fail.h"
#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"
#include "transcode/worker/tags/pictures.h"
#include "transcode/worker/tags/tags.h"

#include "base/cleanup.h"

#include <string.h>

/* Values of a piece; what a file claims may be a thousand times as much. */
enum { VALUES = 1 << 16 };

static void piece(struct source *source, uint64_t frame, float *values)
{
	size_t silent = 0;

	memset(values, 0, VALUES * sizeof(*values));
	source_read(source, frame, values, VALUES / source->info.channels,
		    &silent);
	fuzz_holds(silent <= VALUES / source->info.channels);
}

/* In another order, and with another one between. */
static void audio(const struct input *input)
{
	static float first[VALUES], middle[VALUES], again[VALUES];
	struct source *source;
	uint64_t half;

	if (source_open(input, &source) != 0)
		return;
	fuzz_holds(source->info.channels > 0 &&
		   source->info.channels <= SOURCE_MAX_CHANNELS);
	fuzz_holds(source->info.rate > 0 &&
		   source->info.rate <= SOURCE_MAX_RATE);
	half = source->info.samples / 2;
	piece(source, 0, first);
	piece(source, half, middle);
	piece(source, 0, again);
	fuzz_holds(memcmp(first, again, sizeof(first)) == 0);
	piece(source, half, again);
	fuzz_holds(memcmp(middle, again, sizeof(middle)) == 0);
	source_close(source);
}

static void tags(struct input *input)
{
	struct pictures pictures = {0};
	struct tags found = {0};
	struct media *media = NULL;
	struct sniff type;

	if (sniff(input, &type) != 0)
		return;
	if (media_open(input, type.demuxer, &media) != 0)
		media = NULL;
	if (tags_read(input, &type, media, &pictures, &found) == 0) {
		struct picture_wish wish = {.side_max = 64,
					    .quality = PICTURE_QUALITY};

		fuzz_holds(found.count <= TAGS_MAX);
		for (size_t i = 0; i < found.count; i++)
			fuzz_holds(found.items[i].value[found.items[i].size] ==
				   '\0');
		fuzz_holds(pictures.count <= PICTURES_MAX);
		pictures_make_ready(&pictures, &wish);
		tags_release(&found);
	}
	pictures_release(&pictures);
	media_close(media);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = {.fd = fuzz_file(bytes, size), .size = size};

	media_setup();
	audio(&input);
	input.error = 0;
	tags(&input);
	close(input.fd);
	return 0;
}
