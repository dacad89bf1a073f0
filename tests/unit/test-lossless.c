/*
 * Lossless files that FFmpeg decodes: every second alone, in any order, is a
 * piece of what the encoder was given.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "cache/disk/facts.h"
#include "transcode/worker/source/media.h"

#include <sndfile.h>

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

struct format {
	const char *name;
	const char *command;
	uint32_t revision; /* of what is decoded; see worker/source/source.h */
};

static const struct format formats[] = {
	{"edited.m4a", ENCODE "-c:a alac $OUT", 0},
	/* as iTunes and qaac write them */
	{"plain.m4a", ENCODE "-c:a alac -use_editlist 0 $OUT", 1},
	{"plain.mov", ENCODE "-c:a alac -use_editlist 0 $OUT", 1},
	{"pcm.mov", ENCODE "-c:a pcm_s16be -use_editlist 0 $OUT", 1},
	{"flac.mp4", ENCODE "-c:a flac -strict -2 -use_editlist 0 $OUT", 1},
	{"a.tta", ENCODE "-c:a tta $OUT", 0},
	{"a.wv", ENCODE "-c:a wavpack $OUT", 0},
};

/* An MP4 has no room for such a rate; FLAC and ALAC tell it themselves. */
static const struct format fast[] = {
	{"fast.mp4", ENCODE "-c:a flac -strict -2 $OUT", 0},
	{"fast.m4a", ENCODE "-c:a alac $OUT", 0},
	{"fast.mov", ENCODE "-c:a pcm_s16le $OUT", 0},
};

/* What must come: sound_sample() of each place. */
static void compare(const struct format *format, const float *frames)
{
	for (size_t i = 0; i < FRAMES * 2; i++) {
		int16_t expected = sound_sample(i / 2, (unsigned)(i % 2));

		if (frames[i] != (float)expected / 32768)
			fail_msg("%s: frame %zu is wrong", format->name, i / 2);
	}
}

static void check_format(const struct format *format, const char *from,
			 uint32_t rate)
{
	char *path = sound_encode(orders_directory, format->name, from,
				  format->command);
	struct opened opened;
	size_t silent;
	float *frames;

	if (!path)
		fail_msg("cannot make %s", format->name);
	opened = orders_open(path);
	assert_int_equal(opened.source->info.kind, FACTS_LOSSLESS);
	assert_int_equal(opened.source->info.rate, rate);
	if (opened.source->info.revision != format->revision)
		fail_msg("%s: revision %u", format->name,
			 opened.source->info.revision);
	orders_close(&opened);
	assert_int_equal(orders_length(path), FRAMES);
	frames = orders_read(path, FRAMES, 2, &silent);
	assert_int_equal(silent, 0);
	compare(format, frames);
	free(frames);
	free(path);
}

static void check_formats(const struct format *some, size_t count,
			  uint32_t rate)
{
	char *from;

	if (system("ffmpeg -version >/dev/null 2>&1") != 0) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
	from = sound_write(orders_directory, "rate.wav",
			   SF_FORMAT_WAV | SF_FORMAT_PCM_16, rate, 2, FRAMES);
	for (size_t i = 0; i < count; i++)
		check_format(&some[i], from, rate);
	free(from);
}

static void each_second_is_what_was_encoded(void **state)
{
	(void)state;
	check_formats(formats, sizeof(formats) / sizeof(*formats), RATE);
}

static void so_it_is_at_rates_of_more_than_16_bits(void **state)
{
	(void)state;
	check_formats(fast, sizeof(fast) / sizeof(*fast), 96000);
	check_formats(fast, sizeof(fast) / sizeof(*fast), 352800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_second_is_what_was_encoded),
		cmocka_unit_test(so_it_is_at_rates_of_more_than_16_bits),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
