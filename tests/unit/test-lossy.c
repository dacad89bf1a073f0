/*
 * Lossy files: exact lengths, and samples that do not depend on the order of
 * reading. ffmpeg decodes each file from its beginning to its end; that is what
 * every second must be a piece of.
 */
#include "transcode/worker/source/source.h"

#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "cache/disk/facts.h"
#include "transcode/worker/source/media.h"

#include <math.h>
#include <sndfile.h>

#define QUIET "ffmpeg -nostdin -v error -y "
#define ENCODE QUIET "-i $IN "

/* Sudden sounds, for which encoders change to short blocks. */
#define BEATS ENCODE "-af apulsator=mode=square:hz=7 "

struct format {
	const char *name;
	const char *command;
	const char *decoder; /* options of ffmpeg */
	uint64_t samples;    /* 0: as many as ffmpeg gives */
	double error;	     /* how far samples may differ; 0: not at all */
};

static const struct format told[] = {
	{"v2.mp3", "lame --quiet -V2 $IN $OUT", "", FRAMES, 0},
	{"128.mp3", "lame --quiet -b128 $IN $OUT", "", FRAMES, 0},
	{"lavf.mp3", ENCODE "-c:a libmp3lame $OUT", "", FRAMES, 0},
	/* noise from dice: as loud, not the same */
	{"pns.m4a", ENCODE "-c:a aac $OUT", "", FRAMES, 0.1},
	/* an edit list of milliseconds */
	{"vorbis.mp4", ENCODE "-c:a libvorbis $OUT", "", FRAMES, 0},
	{"aac.m4a", ENCODE "-c:a aac -aac_pns 0 $OUT", "", FRAMES, 0},
	{"scale.m4a", ENCODE "-c:a aac -aac_pns 0 -movie_timescale 44100 $OUT",
	 "", FRAMES, 0},
	{"a.ogg", ENCODE "-c:a libvorbis -q:a 4 $OUT", "", FRAMES, 0},
	{"beats.ogg", BEATS "-c:a libvorbis -q:a 4 $OUT", "", FRAMES, 0},
	{"beats.mp3", BEATS "-c:a libmp3lame $OUT", "", FRAMES, 0},
	{"beats.m4a", BEATS "-c:a aac -aac_pns 0 $OUT", "", FRAMES, 0},
};

static const struct format walked[] = {
	{"v2t.mp3", "lame --quiet -V2 -t $IN $OUT", "", 0, 0},
	{"cbrt.mp3", "lame --quiet -b96 -t $IN $OUT", "", 0, 0},
	{"low.mp3", "lame --quiet -b8 -mm --resample 24 -t $IN $OUT", "", 0, 0},
	/* frames so small that the next ones reach far back */
	{"small.mp3",
	 ENCODE "-af \"volume='if(lt(mod(t,4),2),0,1)':eval=frame\" -ar 24000 "
		"-c:a libmp3lame -q:a 9 -write_xing 0 $OUT",
	 "", 0, 0},
	{"320.mp3", "lame --quiet -b320 -t $IN $OUT", "", 0, 0},
	{"a.aac", ENCODE "-c:a aac -aac_pns 0 $OUT", "", 0, 0},
	{"a.ac3", ENCODE "-c:a ac3 $OUT", "-cons_noisegen 1", 0, 0},
	{"a.eac3", ENCODE "-c:a eac3 $OUT", "-cons_noisegen 1", 0, 0},
	{"a.mp2", ENCODE "-c:a mp2 $OUT", "-c:a mp2float", 0, 0},
	{"parts.m4a",
	 ENCODE "-c:a aac -aac_pns 0 -movflags frag_keyframe+empty_moov "
		"-frag_duration 1000000 $OUT",
	 "", FRAMES + 1024, 0},
	{"a.dts", ENCODE "-c:a dca -strict -2 $OUT", "", 0, 0},
};

static const struct format decoded[] = {
	{"a.wma", ENCODE "-c:a wmav2 $OUT", "", 0, 0},
	{"a.mka", ENCODE "-c:a libvorbis $OUT", "", 0, 0},
	/* a decoder that never forgets */
	{"adpcm.mov", ENCODE "-c:a adpcm_ima_qt $OUT", "", 0, 0},
	{"mp3.mka", ENCODE "-c:a libmp3lame $OUT", "", 0, 0},
};

#define FLOATS "-c:a libopus -request_sample_fmt flt"

/* The sound's samples are taken as 48 kHz: Opus knows no other rate. */
static const struct format opus[] = {
	{"a.opus", ENCODE "-c:a libopus -b:a 96k $OUT", FLOATS, FRAMES, 0},
	{"silk.opus",
	 ENCODE "-ac 1 -c:a libopus -b:a 16k -application voip $OUT", FLOATS,
	 FRAMES, 0.02},
};

/* What ffmpeg decodes, to be freed. */
static float *reference(const char *path, const char *options, size_t *samples)
{
	char command[256];
	size_t size = 0;
	char *raw;
	float *frames;

	snprintf(command, sizeof(command), QUIET "%s -i $IN -f f32le $OUT",
		 options);
	raw = sound_encode(orders_directory, "reference", path, command);
	assert_non_null(raw);
	frames = sound_load(raw, &size);
	*samples = size / sizeof(float);
	free(raw);
	return frames;
}

static void compare(const struct format *format, const float *frames,
		    const float *whole, size_t count)
{
	double worst = 0;

	for (size_t i = 0; i < count; i++)
		worst = fmax(worst, fabs((double)frames[i] - whole[i]));
	if (worst > format->error)
		fail_msg("%s: samples differ by %g", format->name, worst);
	if (worst > 0)
		print_message("# %s: samples differ by %.1f dB\n", format->name,
			      20 * log10(worst));
}

static bool check_format(const struct format *format, const char *from)
{
	char *path = sound_encode(orders_directory, format->name, from,
				  format->command);
	struct opened opened;
	uint64_t samples, expected;
	float *frames, *whole;
	size_t count = 0, silent;
	unsigned channels;

	if (!path)
		return false;
	opened = orders_open(path);
	channels = opened.source->info.channels;
	assert_int_equal(opened.source->info.kind, FACTS_LOSSY);
	orders_close(&opened);
	samples = orders_length(path);
	whole = reference(path, format->decoder, &count);
	expected = format->samples ? format->samples : count / channels;
	if (samples != expected || samples * channels > count)
		fail_msg("%s: %zu samples, not %zu", format->name,
			 (size_t)samples, (size_t)expected);
	frames = orders_read(path, samples, channels, &silent);
	assert_int_equal(silent, 0);
	compare(format, frames, whole, samples * channels);
	free(whole);
	free(frames);
	free(path);
	return true;
}

static void check_formats(const struct format *formats, size_t count,
			  const char *from)
{
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		if (check_format(&formats[i], from))
			continue;
		print_message("# cannot make %s\n", formats[i].name);
		missing++;
	}
	if (missing == count) {
		print_message("# skipped: neither lame nor ffmpeg\n");
		skip();
	}
}

#define CHECK(formats, from)                                                   \
	check_formats(formats, sizeof(formats) / sizeof(*(formats)), from)

static void a_header_tells_what_the_encoder_was_given(void **state)
{
	(void)state;
	CHECK(told, orders_wave);
}

static void frames_are_walked_where_no_header_tells(void **state)
{
	(void)state;
	CHECK(walked, orders_wave);
}

static void everything_else_is_decoded(void **state)
{
	(void)state;
	CHECK(decoded, orders_wave);
}

static void opus_has_its_length_at_48_khz(void **state)
{
	char *from =
		sound_write(orders_directory, "48.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, FRAMES);

	(void)state;
	CHECK(opus, from);
	free(from);
}

/* As GStreamer's xingmux counts, and without an encoder's name. */
static void count_header(const char *path)
{
	enum { COUNT = 11, NAME = 120, NAME_SIZE = 24 };
	size_t size;
	uint8_t *bytes = sound_load(path, &size);
	uint8_t *tag = memmem(bytes, size, "Xing", 4);

	assert_non_null(tag);
	assert_memory_equal(tag + NAME, "LAME", 4);
	assert_in_range(tag[COUNT], 0, 254);
	tag[COUNT]++;
	memset(tag + NAME, 0, NAME_SIZE);
	sound_store(path, bytes, size);
	free(bytes);
}

static void a_header_may_count_itself(void **state)
{
	char *path = sound_encode(orders_directory, "itself.mp3", orders_wave,
				  "lame --quiet -V2 $IN $OUT");
	size_t count, silent;
	uint64_t samples;

	(void)state;
	if (!path) {
		print_message("# skipped: no lame\n");
		skip();
	}
	count_header(path);
	free(reference(path, "", &count));
	samples = orders_length(path);
	assert_int_equal(samples, count / 2);
	free(orders_read(path, samples, 2, &silent));
	assert_int_equal(silent, 0);
	free(path);
}

/* Its frames are of one size, but not of one of the table's. */
static void a_free_bit_rate_is_read(void **state)
{
	char *path = sound_encode(orders_directory, "free.mp3", orders_wave,
				  "lame --quiet --freeformat -b 400 $IN $OUT");
	float *frames, *whole;
	size_t silent;

	(void)state;
	if (!path)
		skip();
	assert_int_equal(orders_length(path), FRAMES);
	frames = orders_read(path, FRAMES, 2, &silent);
	assert_int_equal(silent, 0);
	whole = sound_read(path, FRAMES, 2);
	assert_memory_equal(frames, whole, FRAMES * 2 * sizeof(*whole));
	free(whole);
	free(frames);
	free(path);
}

/* GStreamer writes that of what was encoded: Opus has always 48 kHz. */
static void the_rate_that_an_mp4_tells_of_opus_does_not_matter(void **state)
{
	static const uint8_t before[] = {0xbb, 0x80, 0, 0}; /* 48,000 */
	char *path = sound_encode(orders_directory, "told.mp4", orders_wave,
				  ENCODE "-t 3 -c:a libopus $OUT");
	size_t size, silent;
	uint8_t *bytes, *rate;
	uint64_t samples;

	(void)state;
	if (!path)
		skip();
	samples = orders_length(path);
	bytes = sound_load(path, &size);
	rate = memmem(bytes, size, "Opus", 4);
	assert_non_null(rate);
	rate += 28; /* ISO 14496-12, 12.2.3 */
	assert_memory_equal(rate, before, sizeof(before));
	memcpy(rate, (uint8_t[]){0x3e, 0x80}, 2);
	sound_store(path, bytes, size);
	assert_int_equal(orders_length(path), samples);
	free(orders_read(path, samples, 2, &silent));
	assert_int_equal(silent, 0);
	free(bytes);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_tells_what_the_encoder_was_given),
		cmocka_unit_test(a_header_may_count_itself),
		cmocka_unit_test(frames_are_walked_where_no_header_tells),
		cmocka_unit_test(everything_else_is_decoded),
		cmocka_unit_test(a_free_bit_rate_is_read),
		cmocka_unit_test(
			the_rate_that_an_mp4_tells_of_opus_does_not_matter),
		cmocka_unit_test(opus_has_its_length_at_48_khz),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
