/*
 * Short files: all of their audio is in one Ogg page, or in one packet. They
 * are as long as what the encoder was given.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <math.h>
#include <sndfile.h>

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

enum { HZ = 48000, CHANNELS = 2 };

/* From a few samples to some pages. */
static const size_t lengths[] = {48, 480, 2400, 9600, 24000, 48000, 57600};

/* With what libvorbis makes of it, which FFmpeg's demuxer spoils. */
static void compare(const char *path, const float *frames, size_t count)
{
	float *whole = sound_read(path, count, CHANNELS);

	for (size_t i = 0; i < count * CHANNELS; i++) {
		if (fabsf(frames[i] - whole[i]) > 1e-4f)
			fail_msg("%zu frames: frame %zu is wrong", count,
				 i / CHANNELS);
	}
	free(whole);
}

/* Gives false when there is no such encoder. */
static bool check_length(const char *name, const char *command, size_t frames)
{
	char *wave = sound_write(orders_directory, "short.wav",
				 SF_FORMAT_WAV | SF_FORMAT_PCM_16, HZ, CHANNELS,
				 frames);
	char *path = sound_encode(orders_directory, name, wave, command);
	size_t silent;
	float *samples;

	free(wave);
	if (!path)
		return false;
	if (orders_length(path) != frames)
		fail_msg("%s has %zu frames, not %zu", name,
			 (size_t)orders_length(path), frames);
	samples = orders_read(path, frames, CHANNELS, &silent);
	assert_int_equal(silent, 0);
	if (strstr(name, "vorbis"))
		compare(path, samples, frames);
	free(samples);
	free(path);
	return true;
}

static void check_lengths(const char *name, const char *command)
{
	bool made = false;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		made |= check_length(name, command, lengths[i]);
	if (!made) {
		print_message("# skipped: cannot make %s\n", name);
		skip();
	}
}

static void vorbis_is_as_long_as_what_was_encoded(void **state)
{
	(void)state;
	check_lengths("vorbis.ogg", ENCODE "-c:a libvorbis $OUT");
}

static void opus_is_as_long_as_what_was_encoded(void **state)
{
	(void)state;
	check_lengths("short.opus", ENCODE "-c:a libopus $OUT");
}

/* Without an edit list, what the first packet does not give counts, too. */
static void vorbis_in_mp4_is_as_long_as_what_was_encoded(void **state)
{
	(void)state;
	check_lengths("edit.mp4", ENCODE "-c:a libvorbis $OUT");
	check_lengths("plain.mp4",
		      ENCODE "-c:a libvorbis -use_editlist 0 $OUT");
	check_lengths("parts.mp4", ENCODE "-c:a libvorbis -movflags empty_moov "
					  "-frag_duration 300000 $OUT");
}

/* With and without an edit list, and where no table tells durations. */
static void opus_in_mp4_is_as_long_as_what_was_encoded(void **state)
{
	(void)state;
	check_lengths("edit.mp4", ENCODE "-c:a libopus $OUT");
	check_lengths("plain.mp4", ENCODE "-c:a libopus -use_editlist 0 $OUT");
	check_lengths("parts.mp4", ENCODE "-c:a libopus -movflags empty_moov "
					  "-frag_duration 300000 $OUT");
}

static void flac_in_ogg_is_as_long_as_what_was_encoded(void **state)
{
	(void)state;
	check_lengths("flac.oga", ENCODE "-c:a flac $OUT");
}

/* Of a lone frame no parser tells how long it is. */
static void ac3_has_its_only_frame(void **state)
{
	(void)state;
	if (!check_length("one.ac3", ENCODE "-c:a ac3 $OUT", 1536) ||
	    !check_length("one.eac3", ENCODE "-c:a eac3 $OUT", 1536))
		skip();
}

/*
 * Without an edit list the encoder's delay is heard, and the last packet lasts
 * as long as the file says: what it has behind that is padding.
 */
static void aac_ends_where_its_last_packet_does(void **state)
{
	enum { DELAY = 1024, FRAMES_IN = 50000 };
	static const char *const options[] = {
		"-use_editlist 0",
		"-movflags frag_keyframe+empty_moov -frag_duration 300000",
		/* of a fragment before the last FFmpeg thinks it the last */
		("-movflags +global_sidx+frag_keyframe+default_base_moof "
		 "-frag_duration 300000"),
	};
	char *wave = sound_write(orders_directory, "short.wav",
				 SF_FORMAT_WAV | SF_FORMAT_PCM_16, HZ, CHANNELS,
				 FRAMES_IN);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char command[256];
		char *path;
		size_t silent;

		snprintf(command, sizeof(command), ENCODE "-c:a aac %s $OUT",
			 options[i]);
		path = sound_encode(orders_directory, "a.m4a", wave, command);
		assert_non_null(path);
		assert_int_equal(orders_length(path), DELAY + FRAMES_IN);
		free(orders_read(path, DELAY + FRAMES_IN, CHANNELS, &silent));
		assert_int_equal(silent, 0);
		free(path);
	}
	free(wave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vorbis_is_as_long_as_what_was_encoded),
		cmocka_unit_test(vorbis_in_mp4_is_as_long_as_what_was_encoded),
		cmocka_unit_test(opus_is_as_long_as_what_was_encoded),
		cmocka_unit_test(opus_in_mp4_is_as_long_as_what_was_encoded),
		cmocka_unit_test(flac_in_ogg_is_as_long_as_what_was_encoded),
		cmocka_unit_test(ac3_has_its_only_frame),
		cmocka_unit_test(aac_ends_where_its_last_packet_does),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
