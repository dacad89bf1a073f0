/*
 * Packets that need no decoding to be believed: those of real encoders are, and
 * none is that was spoiled.
 */
#include "transcode/worker/source/usual.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/formats/sniff.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <sndfile.h>

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

enum { RATE = 44100, FRAMES = 2 * RATE };

static const struct {
	const char *name, *command;
	unsigned channels;
	bool usual;
} files[] = {
	{"1.m4a", ENCODE "-c:a alac $OUT", 1, true},
	{"2.m4a", ENCODE "-c:a alac $OUT", 2, true},
	{"24.m4a", ENCODE "-c:a alac -sample_fmt s32p $OUT", 2, true},
	{"2.mov", ENCODE "-c:a alac -use_editlist 0 $OUT", 2, true},
	{"6.m4a", ENCODE "-c:a alac $OUT", 6, false},
	{"1.wv", ENCODE "-c:a wavpack $OUT", 1, true},
	{"2.wv", ENCODE "-c:a wavpack $OUT", 2, true},
	{"fast.wv", "wavpack -q -y -f $IN -o $OUT", 2, true},
	{"high.wv", "wavpack -q -y -hx $IN -o $OUT", 2, true},
	{"6.wv", ENCODE "-c:a wavpack $OUT", 6, false},
	{"1.tta", ENCODE "-c:a tta $OUT", 1, true},
	{"2.tta", ENCODE "-c:a tta $OUT", 2, true},
	{"6.tta", ENCODE "-c:a tta $OUT", 6, true},
};

enum { FILES = sizeof(files) / sizeof(*files) };

/* NULL where there is no such encoder. */
static char *make(size_t i)
{
	int format = files[i].channels > 2 ? SF_FORMAT_WAVEX : SF_FORMAT_WAV;
	char *wave = sound_write(sound_directory, "in.wav",
				 format | SF_FORMAT_PCM_16, RATE,
				 files[i].channels, FRAMES);
	char *path = sound_encode(sound_directory, files[i].name, wave,
				  files[i].command);

	free(wave);
	return path;
}

struct first {
	struct input input;
	struct media *media;
	AVPacket *packet;
};

static void open_first(struct first *first, const char *path)
{
	struct sniff found;

	first->input = sound_open(path);
	assert_int_equal(sniff(&first->input, &found), 0);
	assert_int_equal(
		media_open(&first->input, found.demuxer, &first->media), 0);
	first->packet = av_packet_alloc();
	assert_non_null(first->packet);
	assert_int_equal(media_read(first->media, first->packet), 0);
	assert_int_equal(av_packet_make_writable(first->packet), 0);
}

static void close_first(struct first *first)
{
	av_packet_free(&first->packet);
	media_close(first->media);
	close(first->input.fd);
}

static bool is_usual(const struct first *first)
{
	return usual_packet(first->media->audio->codecpar, first->packet);
}

static void check_spoiled(struct first *first, const char *name)
{
	uint8_t *data = first->packet->data;
	int size = first->packet->size;

	data[0] ^= 0x80;
	if (is_usual(first))
		fail_msg("%s is usual with another beginning", name);
	data[0] ^= 0x80;
	assert_true(is_usual(first));
	for (int cut = 0; cut < 8; cut++) {
		first->packet->size = cut;
		if (is_usual(first))
			fail_msg("%s: %d bytes are usual", name, cut);
	}
	first->packet->size = size;
	memset(data, 0, (size_t)size);
	if (is_usual(first))
		fail_msg("%s is usual when it is all zeros", name);
}

static void packets_of_real_encoders_are_usual(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		char *path = make(i);
		struct first first = {0};

		if (!path) {
			print_message("# no %s\n", files[i].name);
			continue;
		}
		open_first(&first, path);
		if (is_usual(&first) != files[i].usual)
			fail_msg("%s is another kind", files[i].name);
		if (files[i].usual)
			check_spoiled(&first, files[i].name);
		close_first(&first);
		free(path);
	}
}

/* A look at the first packet takes nothing away from who reads it then. */
static void what_is_looked_at_is_read(void **state)
{
	static float frames[RATE * 6];

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		char *path = make(i);
		struct input input = {0};
		struct source *source;
		size_t silent = 0;

		if (!path)
			continue;
		input = sound_open(path);
		assert_int_equal(source_open(&input, &source), 0);
		assert_int_equal(source_read(source, 0, frames, RATE, &silent),
				 0);
		assert_int_equal(silent, 0);
		assert_int_equal(source->restarts, 0);
		for (size_t n = 0; n < (size_t)RATE * files[i].channels; n++) {
			unsigned channel = n % files[i].channels;
			size_t frame = n / files[i].channels;

			if (frames[n] !=
			    (float)sound_sample(frame, channel) / 32768)
				fail_msg("%s: frame %zu", files[i].name, frame);
		}
		source_close(source);
		close(input.fd);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_real_encoders_are_usual),
		cmocka_unit_test(what_is_looked_at_is_read),
	};

	media_setup();
	return cmocka_run_group_tests(tests, sound_set_up, sound_tear_down);
}
