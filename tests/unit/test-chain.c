/*
 * Files one behind the other in one, of Ogg or of bare frames: what each gives
 * alone must come in a row, without a gap, in the format of the first, in any
 * order of reading.
 */
#include "transcode/worker/fail.h" /* before a macro of that name */

#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <math.h>
#include <sndfile.h>

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

/* Of the pieces that chains are made of. */
enum { PIECE = 3 * RATE + 1234 };

struct codec {
	const char *name;
	const char *options;
	uint32_t rate;	/* Hz */
	uint32_t other; /* Hz, of another piece */
};

static const struct codec codecs[] = {
	{"flac", "-c:a flac", 44100, 48000},
	{"flac itself", "-c:a flac -f flac", 44100, 48000},
	{"vorbis", "-c:a libvorbis", 44100, 22050},
	{"opus", "-c:a libopus", 48000, 48000},
	{"speex", "-c:a libspeex", 16000, 8000},
};

static char *encode(const struct codec *codec, const char *name, uint32_t rate,
		    unsigned channels)
{
	char command[256];

	snprintf(command, sizeof(command), ENCODE "-ar %u -ac %u %s $OUT", rate,
		 channels, codec->options);
	return sound_encode(orders_directory, name, orders_wave, command);
}

static char *chain(const char *name, const char *first, const char *second)
{
	char command[512];

	snprintf(command, sizeof(command), "cat $IN %s > $OUT", second);
	return sound_encode(orders_directory, name, first, command);
}

/* All of it, to be freed; checks that orders do not matter. */
static float *read_file(const char *path, unsigned channels, uint64_t *samples)
{
	size_t silent;
	float *frames;

	*samples = orders_length(path);
	frames = orders_read(path, *samples, channels, &silent);
	assert_int_equal(silent, 0);
	return frames;
}

static void check_joins(const struct codec *codec, const char *first,
			const char *second)
{
	char *path = chain("same.ogg", first, second);
	uint64_t n, m, all;
	float *a = read_file(first, 2, &n), *b = read_file(second, 2, &m);
	float *both = read_file(path, 2, &all);

	if (all != n + m)
		fail_msg("%s: %zu frames, not %zu", codec->name, (size_t)all,
			 (size_t)(n + m));
	assert_memory_equal(both, a, n * 2 * sizeof(float));
	assert_memory_equal(both + n * 2, b, m * 2 * sizeof(float));
	free(a);
	free(b);
	free(both);
	free(path);
}

/* The sum of squares tells that it is the sound and at its speed. */
static double energy(const float *frames, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)frames[i] * frames[i];
	return sum / (double)count;
}

static void check_conversion(const struct codec *codec, const char *first,
			     const char *other)
{
	char *path = chain("other.ogg", first, other);
	uint64_t n, m, all, expected;
	float *a = read_file(first, 2, &n), *b = read_file(other, 1, &m);
	float *both = read_file(path, 2, &all);
	double before, after;

	expected = n + (m * codec->rate + codec->other - 1) / codec->other;
	if (all != expected)
		fail_msg("%s: %zu frames, not %zu", codec->name, (size_t)all,
			 (size_t)expected);
	assert_memory_equal(both, a, n * 2 * sizeof(float));
	before = energy(b, m);
	after = energy(both + n * 2, (size_t)(all - n) * 2);
	if (fabs(after / before - 1) > 0.01)
		fail_msg("%s: %g times as loud", codec->name, after / before);
	free(a);
	free(b);
	free(both);
	free(path);
}

static void check_codec(const struct codec *codec, size_t *missing)
{
	char *first = encode(codec, "first.ogg", codec->rate, 2);
	char *second = encode(codec, "second.ogg", codec->rate, 2);
	char *other = encode(codec, "third.ogg", codec->other, 1);

	if (first && second && other) {
		check_joins(codec, first, second);
		check_joins(codec, first, first); /* the same stream twice */
		check_conversion(codec, first, other);
	} else {
		print_message("# cannot make %s\n", codec->name);
		++*missing;
	}
	free(first);
	free(second);
	free(other);
}

static void links_are_played_one_behind_the_other(void **state)
{
	size_t missing = 0, count = sizeof(codecs) / sizeof(*codecs);

	(void)state;
	for (size_t i = 0; i < count; i++)
		check_codec(&codecs[i], &missing);
	if (missing == count) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
}

struct change {
	const char *name; /* its end is the file's extension */
	const char *first;
	const char *second;
	unsigned from; /* channels */
	unsigned to;
	double slower; /* how much longer the second becomes */
};

#define MP3 "-c:a libmp3lame -write_xing 0 -id3v2_version 0"

static const struct change changes[] = {
	{"wider.mp3", MP3, MP3, 1, 2, 1},
	{"narrower.mp3", MP3, MP3, 2, 1, 1},
	{"wider.aac", "-c:a aac", "-c:a aac", 1, 2, 1},
	{"faster.aac", "-c:a aac", "-ar 48000 -c:a aac", 2, 2, 44100. / 48000},
	{"wider.ac3", "-c:a ac3", "-c:a ac3", 1, 2, 1},
	{"faster.ac3", "-c:a ac3", "-ar 48000 -c:a ac3", 2, 2, 44100. / 48000},
};

static char *encode_part(const struct change *change, unsigned part,
			 unsigned channels, const char *options)
{
	char command[256], name[32];

	snprintf(name, sizeof(name), "part%u%s", part,
		 strrchr(change->name, '.'));
	snprintf(command, sizeof(command), ENCODE "-ac %u %s $OUT", channels,
		 options);
	return sound_encode(orders_directory, name, orders_wave, command);
}

/* What comes of the second has its length and about its loudness. */
static void check_change(const struct change *change, const char *first,
			 const char *second)
{
	char *path = chain(change->name, first, second);
	uint64_t n, m, all;
	float *a = read_file(first, change->from, &n);
	float *b = read_file(second, change->to, &m);
	float *both = read_file(path, change->from, &all);
	double frames = (double)n + (double)m * change->slower;
	size_t at = n * change->from;
	double loud = energy(both + at, all * change->from - at) /
		      energy(b, m * change->to);

	if (fabs((double)all / frames - 1) > 1e-3)
		fail_msg("%s: %zu frames, not %.0f", change->name, (size_t)all,
			 frames);
	if (loud < 0.3 || loud > 1.7)
		fail_msg("%s: %g times as loud", change->name, loud);
	free(a);
	free(b);
	free(both);
	free(path);
}

static void a_stream_may_change_its_format(void **state)
{
	size_t missing = 0, count = sizeof(changes) / sizeof(*changes);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes[i];
		char *first =
			encode_part(change, 1, change->from, change->first);
		char *second =
			encode_part(change, 2, change->to, change->second);

		if (first && second)
			check_change(change, first, second);
		else
			missing++;
		free(first);
		free(second);
	}
	if (missing == count) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
}

/* Frames alone, behind a whole file of others. */
static const struct frames {
	const char *options;
	unsigned channels;
	bool converted;
	double slower;
} frames_of[] = {
	{"", 2, false, 1},
	{"-ac 1", 1, true, 1},
	{"-ar 48000", 2, true, 44100. / 48000},
	{"-sample_fmt s32 -bits_per_raw_sample 24", 2, false, 1},
};

static void check_frames(const struct frames *kind, const char *path,
			 const char *first, const char *second)
{
	uint64_t n, m, all;
	float *a = read_file(first, 2, &n);
	float *b = read_file(second, kind->channels, &m), *both;
	double frames = (double)n + (double)m * kind->slower, loud;

	remark_take();
	both = read_file(path, 2, &all);
	if (fabs((double)all - frames) > 1)
		fail_msg("%s: %zu frames, not %.0f", kind->options, (size_t)all,
			 frames);
	assert_memory_equal(both, a, n * 2 * sizeof(float));
	if (!kind->converted)
		assert_memory_equal(both + n * 2, b, m * 2 * sizeof(float));
	loud = energy(both + n * 2, (size_t)(all - n) * 2) /
	       energy(b, m * kind->channels);
	if (fabs(loud - 1) > 0.01)
		fail_msg("%s: %g times as loud", kind->options, loud);
	assert_int_equal(remark_take() != NULL, *kind->options != '\0');
	free(a);
	free(b);
	free(both);
}

/* What is behind the blocks of metadata (RFC 9639, 8.1). */
static char *append_frames(const char *first, const char *second)
{
	char *path = scratch_path(orders_directory, "both.flac");
	size_t n, m, at = 4;
	uint8_t *a = sound_load(first, &n), *b = sound_load(second, &m), *both;
	bool last = false;

	while (!last) {
		last = b[at] & 0x80;
		at += 4 + ((size_t)b[at + 1] << 16 | (size_t)b[at + 2] << 8 |
			   b[at + 3]);
	}
	both = malloc(n + m);
	memcpy(both, a, n);
	memcpy(both + n, b + at, m - at);
	sound_store(path, both, n + m - at);
	free(both);
	free(b);
	free(a);
	return path;
}

static void frames_of_FLAC_may_change(void **state)
{
	char *first = sound_encode(orders_directory, "first.flac", orders_wave,
				   ENCODE "-c:a flac $OUT");

	(void)state;
	if (!first) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(frames_of) / sizeof(*frames_of); i++) {
		char *second, *path, command[256];

		snprintf(command, sizeof(command), ENCODE "%s -c:a flac $OUT",
			 frames_of[i].options);
		second = sound_encode(orders_directory, "second.flac",
				      orders_wave, command);
		path = append_frames(first, second);
		check_frames(&frames_of[i], path, first, second);
		free(path);
		free(second);
	}
	free(first);
}

/* With a tag before each, as programs leave them. */
static void tags_between_files_of_FLAC_are_no_audio(void **state)
{
	char *first = sound_encode(orders_directory, "first.flac", orders_wave,
				   ENCODE "-c:a flac $OUT");
	char *path =
		first ? sound_encode(
				orders_directory, "tags.flac", first,
				"for i in 1 2 3; do printf "
				"'ID3\\004\\000\\000\\000\\000\\001\\000'; "
				"head -c 128 /dev/zero; cat $IN; done "
				"> $OUT")
		      : NULL;
	float *a, *three;
	uint64_t n, all;

	(void)state;
	if (!path) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
	a = read_file(first, 2, &n);
	three = read_file(path, 2, &all);
	assert_int_equal(all, 3 * n);
	for (size_t i = 0; i < 3; i++)
		assert_memory_equal(three + i * n * 2, a,
				    n * 2 * sizeof(float));
	free(a);
	free(three);
	free(first);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_may_change_its_format),
		cmocka_unit_test(frames_of_FLAC_may_change),
		cmocka_unit_test(tags_between_files_of_FLAC_are_no_audio),
		cmocka_unit_test(links_are_played_one_behind_the_other),
	};

	media_setup();
	orders_frames = PIECE;
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
