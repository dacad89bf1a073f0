/*
 * Headers that promise more than the file has: what is shown is what there is,
 * with one line of the log. Silence, which takes next to nothing, is no lie.
 */
#include "scratch.h"
#include "tests/unit/peer.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 44100, FRAMES = 2 * RATE + 78, PATCHES = 6 };

#define FFMPEG "ffmpeg -nostdin -v fatal -y -i $IN "

static char *directory;
static char *wave;
static struct peer peer;

/* So many bytes behind where these letters are found. */
struct patch {
	const char *mark; /* NULL: the file's beginning */
	size_t offset;
	const char *bytes;
	size_t size;
};

#define PUT(mark_, offset_, text)                                              \
	{                                                                      \
		.mark = (mark_), .offset = (offset_), .bytes = (text),         \
		.size = sizeof(text) - 1                                       \
	}

static const struct lie {
	const char *name;
	const char *command;
	struct patch patches[PATCHES];
} lies[] = {
	{"l.flac", FFMPEG "$OUT", {PUT(NULL, 22, "    ")}},
	{"m.flac", FFMPEG "$OUT", {PUT(NULL, 21, "\xff")}},
	{"l.wv", FFMPEG "$OUT", {PUT(NULL, 12, "    ")}},
	{"l.wav", FFMPEG "-bitexact $OUT", {PUT("data", 4, "\0\0\0 ")}},
	{"l.aiff", FFMPEG "$OUT", {PUT("SSND", 4, "    ")}},
	{"l.au", FFMPEG "$OUT", {PUT(NULL, 8, "    ")}},
	{"l.caf", FFMPEG "$OUT", {PUT("data", 4, "\0\0\0    ")}},
	{"l.w64", FFMPEG "$OUT", {PUT("data", 16, "     ")}},
	{"r.wav", FFMPEG "-rf64 always $OUT", {PUT("ds64", 16, "     ")}},
	{"l.m4a",
	 FFMPEG "-c:a alac $OUT",
	 {PUT("mvhd", 20, "p   "), PUT("mdhd", 20, "p   "),
	  PUT("tkhd", 24, "p   "), PUT("elst", 12, "p   "),
	  PUT("stts", 12, "\0   ")}},
};

static void apply(const struct patch *patch, uint8_t *bytes, size_t size)
{
	uint8_t *at = bytes;

	if (patch->mark)
		at = memmem(bytes, size, patch->mark, strlen(patch->mark));
	assert_non_null(at);
	memcpy(at + patch->offset, patch->bytes, patch->size);
}

static void tell(const struct lie *lie, const char *path)
{
	size_t size;
	uint8_t *bytes = sound_load(path, &size);

	for (size_t i = 0; i < PATCHES && lie->patches[i].size > 0; i++)
		apply(&lie->patches[i], bytes, size);
	sound_store(path, bytes, size);
	free(bytes);
}

static void check_truth(const char *path, uint64_t samples)
{
	if (!peer_probe(&peer, path))
		fail_msg("%s cannot be read", path);
	if (peer.facts.samples != samples)
		fail_msg("%s has %zu samples, not %zu", path,
			 (size_t)peer.facts.samples, (size_t)samples);
	if (peer.notes[NOTE_PLAIN] != 1 || !strstr(peer.note, "promises"))
		fail_msg("%s: '%s'", path, peer.note);
}

static void what_is_not_there_is_not_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		char *path = sound_encode(directory, lies[i].name, wave,
					  lies[i].command);

		assert_non_null(path);
		tell(&lies[i], path);
		check_truth(path, FRAMES);
		free(path);
	}
}

/* DSF: two channels of DSD64, blocks of 4096 bytes, of which eight bits are a
 * sample. */
static void DSD_is_counted_by_its_bytes(void **state)
{
	enum { HEAD = 92, BLOCK = 4096, BLOCKS = 20, CHANNELS = 2 };
	static const uint8_t head[HEAD] =
		"DSD \34\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"fmt \64\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\2\0\0\0"
		"\0\21\53\0\1\0\0\0        \0\20\0\0\0\0\0\0"
		"data\14\200\2\0\0\0\0\0";
	size_t size = HEAD + BLOCK * BLOCKS * CHANNELS;
	uint8_t *bytes = malloc(size);
	char *path = scratch_path(directory, "l.dsf");

	(void)state;
	memset(bytes, 0x69, size);
	memcpy(bytes, head, HEAD);
	sound_store(path, bytes, size);
	check_truth(path, BLOCK * BLOCKS);
	free(bytes);
	free(path);
}

/* A header as WavPack's, and some text: it promises 538,976,288 samples. */
static void so_small_a_file_holds_no_hours(void **state)
{
	uint8_t bytes[264];
	char *path = scratch_path(directory, "small.wv");

	(void)state;
	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes, "wvpk\0\1\0\0\20\4", 10);
	sound_store(path, bytes, sizeof(bytes));
	assert_false(peer_probe(&peer, path));
	free(path);
}

/* The chunks of a CAF are twelve bytes and more: in a hole there are many. */
static void holes_are_not_searched(void **state)
{
	char *path = sound_encode(directory, "hole.caf", wave,
				  FFMPEG "-c:a alac $OUT");

	(void)state;
	assert_non_null(path);
	assert_int_equal(truncate(path, (off_t)3 << 30), 0);
	assert_true(peer_probe(&peer, path));
	assert_int_equal(peer.facts.samples, FRAMES);
	free(path);
}

static const struct {
	const char *name, *command;
} encoders[] = {
	{"s.flac", FFMPEG "-compression_level 12 $OUT"},
	{"t.flac", "flac -s -f --lax -b 65535 -8 -o $OUT $IN"},
	{"s.wv", "wavpack -q -y -hx6 --blocksize=131072 $IN -o $OUT"},
	{"s.tta", FFMPEG "$OUT"},
	{"s.m4a", FFMPEG "-c:a alac $OUT"},
	{"s.mka", FFMPEG "-c:a flac $OUT"},
	{"s.ogg", FFMPEG "-c:a libvorbis $OUT"},
	{"s.opus", FFMPEG "-c:a libopus -dtx 1 -frame_duration 120 $OUT"},
	{"s.m4a", FFMPEG "-c:a aac $OUT"},
	{"s.ac3", FFMPEG "-c:a ac3 $OUT"},
	{"s.mp3", FFMPEG "-q:a 9 $OUT"},
};

static void silence_is_no_lie(void **state)
{
	enum { SILENCE = 60 * RATE };
	char *quiet = scratch_path(directory, "quiet.wav");
	SF_INFO info = {.samplerate = RATE,
			.channels = 2,
			.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	SNDFILE *file = sf_open(quiet, SFM_WRITE, &info);
	short *zeros = calloc(SILENCE, 2 * sizeof(*zeros));

	(void)state;
	assert_int_equal(sf_writef_short(file, zeros, SILENCE), SILENCE);
	sf_close(file);
	free(zeros);
	for (size_t i = 0; i < sizeof(encoders) / sizeof(*encoders); i++) {
		char *path = sound_encode(directory, encoders[i].name, quiet,
					  encoders[i].command);

		if (!path) {
			print_message("# cannot make %s\n", encoders[i].name);
			continue;
		}
		assert_true(peer_probe(&peer, path));
		if (peer.facts.samples < SILENCE || peer.notes[NOTE_PLAIN] != 0)
			fail_msg("%s: %zu samples, '%s'", encoders[i].name,
				 (size_t)peer.facts.samples, peer.note);
		free(path);
	}
	free(quiet);
}

static int set_up(void **state)
{
	(void)state;
	directory = scratch_make();
	media_setup();
	peer_start(&peer, WORKER_PATH);
	wave = sound_write(directory, "in.wav",
			   SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(wave);
	scratch_remove(directory);
	return peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_there_is_not_shown),
		cmocka_unit_test(DSD_is_counted_by_its_bytes),
		cmocka_unit_test(so_small_a_file_holds_no_hours),
		cmocka_unit_test(holes_are_not_searched),
		cmocka_unit_test(silence_is_no_lie),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
