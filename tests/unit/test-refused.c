/*
 * What the usual library refuses: another one decodes it, or the file is
 * broken. It is never silence of the right length.
 */
#include "scratch.h"
#include "tests/unit/peer.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <math.h>
#include <sndfile.h>

enum { RATE = 44100, FRAMES = 3 * RATE + 77, CHANNELS = 4, HEAD = 128 };

static char *directory;
static struct peer peer;

static int set_up(void **state)
{
	(void)state;
	directory = scratch_make();
	media_setup();
	peer_start(&peer, WORKER_PATH);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(directory);
	return peer_stop(&peer);
}

/* Reads seconds in an order of its own; all of them are the sound. */
static void check_sound(const char *path, unsigned channels)
{
	static const size_t order[] = {0, 2, 1, 0};
	static float frames[RATE * CHANNELS];
	struct input input = sound_open(path);
	struct source *source;
	size_t silent = 0;

	assert_int_equal(source_open(&input, &source), 0);
	assert_int_equal(source->info.samples, FRAMES);
	assert_int_equal(source->info.channels, channels);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		size_t start = order[i] * RATE;

		assert_int_equal(
			source_read(source, start, frames, RATE, &silent), 0);
		assert_int_equal(silent, 0);
		for (size_t n = 0; n < (size_t)RATE * channels; n++) {
			float right = (float)sound_sample(start + n / channels,
							  n % channels) /
				      32768;

			if (fabsf(frames[n] - right) > 1e-6f)
				fail_msg("%s: frame %zu", path,
					 start + n / channels);
		}
	}
	source_close(source);
	close(input.fd);
	assert_true(peer_probe(&peer, path));
	assert_int_equal(peer.facts.samples, FRAMES);
}

/* What neither libsndfile 1.2 nor FFmpeg 5.1 takes. */
static void FLAC_of_32_bits_is_decoded(void **state)
{
	char *wave =
		sound_write(directory, "32.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_32, RATE, 2, FRAMES);
	char *flac = sound_encode(directory, "32.flac", wave,
				  "flac -s -f -o $OUT $IN");
	char *ogg = sound_encode(directory, "32.ogg", wave,
				 "flac -s -f --ogg -o $OUT $IN");

	(void)state;
	free(wave);
	if (!flac || !ogg) {
		print_message("no flac that writes 32 bits\n");
		skip();
	}
	check_sound(flac, 2);
	check_sound(ogg, 2);
	free(flac);
	free(ogg);
}

/* FFmpeg wants as many speakers in the mask as there are channels. */
static void WavPack_with_too_few_speakers_is_decoded(void **state)
{
	static const uint8_t stereo = 3;
	char *wave = sound_write(directory, "4.wav",
				 SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, RATE,
				 CHANNELS, FRAMES);
	uint8_t *bytes;
	char *path;
	size_t size;

	(void)state;
	bytes = sound_load(wave, &size);
	bytes[40] = stereo; /* dwChannelMask */
	sound_store(wave, bytes, size);
	free(bytes);
	path = sound_encode(directory, "4.wv", wave,
			    "wavpack -q -y $IN -o $OUT");
	free(wave);
	if (!path) {
		print_message("no wavpack\n");
		skip();
	}
	check_sound(path, CHANNELS);
	free(path);
}

/* A header, and nothing that could be decoded behind it. */
static void a_header_alone_is_a_broken_file(void **state)
{
	static const struct {
		const char *name, *command;
	} kinds[] = {
		{"h.flac", "-c:a flac"},
		{"h.tta", "-c:a tta"},
		{"h.oga", "-c:a flac"},
		{"h.wv", "-c:a wavpack"},
	};
	char *wave =
		sound_write(directory, "h.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, FRAMES);

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char command[128], *path;
		uint8_t *bytes;
		size_t size;

		snprintf(command, sizeof(command),
			 "ffmpeg -nostdin -v error -y -i $IN %s $OUT",
			 kinds[i].command);
		path = sound_encode(directory, kinds[i].name, wave, command);
		assert_non_null(path);
		bytes = sound_load(path, &size);
		sound_store(path, bytes, HEAD);
		if (peer_probe(&peer, path))
			fail_msg("%s is no broken file", kinds[i].name);

		/* The same length, but no frame. */
		memset(bytes + HEAD, 0, size - HEAD);
		sound_store(path, bytes, size);
		if (peer_probe(&peer, path))
			fail_msg("%s of zeros is no broken file",
				 kinds[i].name);
		free(bytes);
		free(path);
	}
	free(wave);
}

/* Which spoils packets, from the first one on. */
#define SPOIL(until)                                                           \
	"ffmpeg -nostdin -v error -y -i $IN -c:a tta "                         \
	"-bsf:a \"noise=amount='if(lt(n," until "),1,0)'\" $OUT"

/*
 * Time stamps of Matroska are too coarse to be samples, but the silence in
 * place of what cannot be decoded is known for what it is.
 */
static void silence_in_Matroska_is_no_music(void **state)
{
	char *wave =
		sound_write(directory, "m.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	char *some = sound_encode(directory, "some.mka", wave, SPOIL("1"));
	char *none = sound_encode(directory, "none.mka", wave, SPOIL("99"));
	float *frames = calloc(FRAMES * 2, sizeof(*frames));
	struct input input;
	struct source *source;
	size_t silent = 0;

	(void)state;
	assert_non_null(some);
	assert_non_null(none);
	assert_non_null(frames);
	assert_false(peer_probe(&peer, none));
	assert_true(peer_probe(&peer, some));
	input = sound_open(some);
	assert_int_equal(source_open(&input, &source), 0);
	assert_int_equal(source_read(source, 0, frames, 2 * RATE, &silent), 0);
	assert_in_range(silent, RATE, RATE + RATE / 10); /* a packet */
	source_close(source);
	close(input.fd);
	free(frames);
	free(none);
	free(some);
	free(wave);
}

/* 538,976,288 samples in 100,000 bytes: what is there is counted. */
static void WavPack_that_promises_hours_is_counted(void **state)
{
	char *wave =
		sound_write(directory, "l.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	char *path = sound_encode(directory, "l.wv", wave,
				  "ffmpeg -nostdin -v error -y -i $IN $OUT");
	uint8_t *bytes;
	size_t size;

	(void)state;
	assert_non_null(path);
	bytes = sound_load(path, &size);
	assert_true(size > 100000);
	memset(bytes + 12, 0x20, 4); /* total_samples */
	sound_store(path, bytes, 100000);
	if (peer_probe(&peer, path))
		assert_in_range(peer.facts.samples, 1, FRAMES);
	else
		fail_msg("a WavPack of which much is left is broken");
	free(bytes);
	free(path);
	free(wave);
}

/* Most of the FLAC is gone; what is left is still played. */
static void a_quarter_that_is_left_is_played(void **state)
{
	char *path =
		sound_write(directory, "q.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	static float frames[RATE * 2];
	struct input input;
	struct source *source;
	uint8_t *bytes;
	size_t size, silent = 0;

	(void)state;
	bytes = sound_load(path, &size);
	memset(bytes + 256, 0, size / 4 * 3);
	sound_store(path, bytes, size);
	free(bytes);
	assert_true(peer_probe(&peer, path));
	assert_int_equal(peer.facts.samples, FRAMES);
	input = sound_open(path);
	assert_int_equal(source_open(&input, &source), 0);
	assert_int_equal(source_read(source, FRAMES - RATE / 4, frames,
				     RATE / 4, &silent),
			 0);
	assert_true(silent < RATE / 4);
	source_close(source);
	close(input.fd);
	free(path);
}

/* FFmpeg wants several to know what they are, unless it is told. */
static void one_frame_is_audio(void **state)
{
	static const struct {
		const char *name, *codec;
		uint64_t samples;
	} frames[] = {
		{"one.ac3", "ac3", 1536},
		{"one.eac3", "eac3", 1536},
		{"one.dts", "dca -strict -2", 512},
	};
	char *wave =
		sound_write(directory, "one.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 480);

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		char command[128], *path;

		snprintf(command, sizeof(command),
			 "ffmpeg -nostdin -v error -y -i $IN -c:a %s $OUT",
			 frames[i].codec);
		path = sound_encode(directory, frames[i].name, wave, command);
		assert_non_null(path);
		assert_true(peer_probe(&peer, path));
		assert_int_equal(peer.facts.samples, frames[i].samples);
		free(path);
	}
	free(wave);
}

/* FFmpeg calls it an error of the device, or lists all that may be read. */
static void reasons_tell_the_truth(void **state)
{
	static const struct {
		const char *name, *command, *reason;
	} kinds[] = {
		{"cut.mka",
		 "ffmpeg -nostdin -v error -y -i $IN -c:a flac -f matroska - "
		 "| head -c 64 > $OUT",
		 "ends too early"},
		{"cut.opus",
		 "ffmpeg -nostdin -v error -y -i $IN -c:a libopus -f ogg - "
		 "| head -c 64 > $OUT",
		 "ends too early"},
		{"film.wav",
		 "ffmpeg -nostdin -v error -y -f lavfi -i testsrc=d=0.2 "
		 "-f avi $OUT",
		 "not a supported audio format"},
	};
	char *wave =
		sound_write(directory, "r.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 48000);

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *path = sound_encode(directory, kinds[i].name, wave,
					  kinds[i].command);

		assert_non_null(path);
		assert_false(peer_probe(&peer, path));
		if (!strstr(peer.last.text, kinds[i].reason))
			fail_msg("%s: '%s'", kinds[i].name, peer.last.text);
		free(path);
	}
	free(wave);
}

/* A second of it is a sample, and its MP3 would be 10,000 times as large. */
static void what_has_hardly_a_rate_is_refused(void **state)
{
	static const struct {
		const char *name;
		int format;
	} kinds[] = {
		{"r.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
		{"r.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16},
		{"r.caf", SF_FORMAT_CAF | SF_FORMAT_ALAC_16},
		{"r.au", SF_FORMAT_AU | SF_FORMAT_ULAW},
		{"r.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *path = sound_write(directory, kinds[i].name,
					 kinds[i].format, 1, 2, FRAMES);

		if (peer_probe(&peer, path) ||
		    !strstr(peer.last.text, "a sample rate of 1 Hz"))
			fail_msg("%s: '%s'", kinds[i].name, peer.last.text);
		free(path);
		path = sound_write(directory, kinds[i].name, kinds[i].format,
				   1000, 2, FRAMES);
		if (!peer_probe(&peer, path) || peer.facts.samples < FRAMES)
			fail_msg("%s: 1,000 Hz are refused", kinds[i].name);
		free(path);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(FLAC_of_32_bits_is_decoded),
		cmocka_unit_test(WavPack_with_too_few_speakers_is_decoded),
		cmocka_unit_test(a_header_alone_is_a_broken_file),
		cmocka_unit_test(silence_in_Matroska_is_no_music),
		cmocka_unit_test(one_frame_is_audio),
		cmocka_unit_test(reasons_tell_the_truth),
		cmocka_unit_test(WavPack_that_promises_hours_is_counted),
		cmocka_unit_test(a_quarter_that_is_left_is_played),
		cmocka_unit_test(what_has_hardly_a_rate_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
