/*
 * Pieces that a program cut out of a file without decoding it: each begins with
 * its own first sample and ends with its last, whatever its frames are numbered
 * and its header says of the whole.
 */
#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <string.h>

#define FFMPEG "ffmpeg -nostdin -v error -y "
#define COPY " -i $IN -c copy -strict -2 $OUT"
#define ALAC " -i $IN -c:a alac $OUT.m4a && " FFMPEG

enum { KEPT = -1, NONE = 0, CHANNELS = 2 };

static const struct piece {
	const char *name;
	const char *command;
	long total; /* samples that STREAMINFO gets, or one of the above */
} pieces[] = {
	{"end.flac", FFMPEG "-ss 2" COPY, KEPT},
	{"middle.flac", FFMPEG "-ss 2 -t 3" COPY, KEPT},
	{"untold.flac", FFMPEG "-ss 2" COPY, NONE},
	{"less.flac", FFMPEG "-ss 7 -t 3" COPY, 3 * RATE},
	{"frame.flac", FFMPEG "-ss 2 -t 0.05" COPY, KEPT},
	{"front.flac", FFMPEG "-t 3" COPY, KEPT},
	{"end.oga", FFMPEG "-ss 2" COPY, KEPT},
	{"end.mka", FFMPEG "-ss 2" COPY, KEPT},
	{"end.mp4", FFMPEG "-ss 2" COPY, KEPT},
	{"middle.mp4", FFMPEG "-ss 2 -t 3" COPY, KEPT},
	{"end.m4a", FFMPEG ALAC "-ss 2 -i $OUT.m4a -c copy $OUT", KEPT},
};

/* RFC 9639, 8.2: the number's last four bytes of five. */
static void tell_total(const char *path, uint32_t total)
{
	enum { AT = 22 };
	size_t size;
	uint8_t *bytes = sound_load(path, &size);

	for (size_t i = 0; i < 4; i++)
		bytes[AT + i] = (uint8_t)(total >> (24 - 8 * i));
	sound_store(path, bytes, size);
	free(bytes);
}

static void check_piece(const struct piece *piece, const char *path)
{
	char *plain = sound_encode(orders_directory, "plain.wav", path,
				   FFMPEG "-i $IN $OUT");
	uint64_t samples = orders_length(path);
	size_t silent;
	float *frames, *expected;

	assert_non_null(plain);
	if (samples != orders_length(plain))
		fail_msg("%s: %zu samples, not %zu", piece->name,
			 (size_t)samples, (size_t)orders_length(plain));
	expected = orders_read(plain, samples, CHANNELS, &silent);
	frames = orders_read(path, samples, CHANNELS, &silent);
	assert_int_equal(silent, 0);
	assert_memory_equal(frames, expected,
			    samples * CHANNELS * sizeof(*frames));
	free(expected);
	free(frames);
	free(plain);
}

static void a_piece_begins_with_its_first_sample(void **state)
{
	char *whole = sound_encode(orders_directory, "whole.flac", orders_wave,
				   FFMPEG "-i $IN $OUT");

	(void)state;
	if (!whole) {
		print_message("# skipped: no ffmpeg\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		char *path = sound_encode(orders_directory, pieces[i].name,
					  whole, pieces[i].command);

		assert_non_null(path);
		if (pieces[i].total != KEPT)
			tell_total(path, (uint32_t)pieces[i].total);
		check_piece(&pieces[i], path);
		free(path);
	}
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_begins_with_its_first_sample),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
