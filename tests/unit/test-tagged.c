/*
 * Programs put tags in front of and behind files of any format: the samples are
 * the same.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 2 * RATE + 1234, ID3V1 = 128, ID3V2 = 10 + 512 };

static const struct {
	const char *name, *options;
} formats[] = {
	{"t.flac", ""},
	{"t.m4a", "-c:a alac"},
	{"t.wv", ""},
	{"t.tta", ""},
	{"t.oga", "-c:a flac"},
	{"t.ogg", "-c:a libvorbis"},
	{"t.opus", "-c:a libopus"},
	{"t.caf", "-c:a alac"},
	{"t.mka", "-c:a flac"},
	{"t.mp3", ""},
	{"t.aac", ""},
	{"t.ac3", ""},
	{"t.w64", ""},
	{"t.au", ""},
};

struct piece {
	uint8_t *bytes;
	size_t size;
};

static void add(struct piece *to, const void *bytes, size_t size)
{
	to->bytes = realloc(to->bytes, to->size + size);
	assert_non_null(to->bytes);
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

/* ID3v2.4 with a title and padding. */
static void add_id3v2(struct piece *to)
{
	uint8_t tag[ID3V2] = "ID3\4\0\0\0\0\4\0TIT2\0\0\0\6\0\0\3Title";

	add(to, tag, sizeof(tag));
}

static void add_id3v1(struct piece *to)
{
	uint8_t tag[ID3V1] = "TAGTitle";

	add(to, tag, sizeof(tag));
}

/* APEv2: a header, one item and a footer. */
static void add_ape(struct piece *to)
{
	static const char item[] = "\5\0\0\0\0\0\0\0Title\0Title";
	uint8_t edge[32] = "APETAGEX\320\7\0\0\63\0\0\0\1\0\0\0\0\0\0\240";

	add(to, edge, sizeof(edge));
	add(to, item, sizeof(item) - 1);
	edge[23] = 0x80;
	add(to, edge, sizeof(edge));
}

static void check_tagged(const char *path, const char *name,
			 const struct piece *tagged, const float *right,
			 uint64_t samples)
{
	char *other = scratch_path(orders_directory, name);
	size_t silent;
	float *frames;

	sound_store(other, tagged->bytes, tagged->size);
	if (orders_length(other) != samples)
		fail_msg("%s: %zu samples, not %zu", path,
			 (size_t)orders_length(other), (size_t)samples);
	frames = orders_read(other, samples, 2, &silent);
	if (memcmp(frames, right, samples * 2 * sizeof(*frames)) != 0)
		fail_msg("%s: other samples", path);
	free(frames);
	free(other);
}

static void check_format(const char *path)
{
	uint64_t samples = orders_length(path);
	struct piece front = {0}, back = {0}, all = {0};
	size_t size, silent;
	uint8_t *bytes = sound_load(path, &size);
	float *right = orders_read(path, samples, 2, &silent);

	add_id3v2(&front);
	add(&front, bytes, size);
	check_tagged(path, "front", &front, right, samples);
	add(&back, bytes, size);
	add_ape(&back);
	check_tagged(path, "back", &back, right, samples);
	add_id3v2(&all);
	add_id3v2(&all);
	add(&all, bytes, size);
	add_ape(&all);
	add_id3v1(&all);
	check_tagged(path, "all", &all, right, samples);
	free(front.bytes);
	free(back.bytes);
	free(all.bytes);
	free(bytes);
	free(right);
}

static void tags_change_no_sample(void **state)
{
	size_t missing = 0, count = sizeof(formats) / sizeof(*formats);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char command[128], *path;

		snprintf(command, sizeof(command),
			 "ffmpeg -nostdin -v error -y -i $IN %s $OUT",
			 formats[i].options);
		path = sound_encode(orders_directory, formats[i].name,
				    orders_wave, command);
		if (path)
			check_format(path);
		else
			missing++;
		free(path);
	}
	if (missing == count) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_change_no_sample),
	};

	media_setup();
	orders_frames = LENGTH;
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
