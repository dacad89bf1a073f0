/*
 * Lossy files that are not what they seem: with tags around them, cut, joined,
 * or damaged. Nothing of it may make a second depend on what was read before.
 */
#include "transcode/worker/source/source.h"

#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <sndfile.h>

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

/* Gives the file's bytes; skips the test where it cannot be made. */
static uint8_t *make(const char *name, const char *command, char **path,
		     size_t *size)
{
	*path = sound_encode(orders_directory, name, orders_wave, command);
	if (!*path) {
		print_message("# skipped: cannot make %s\n", name);
		skip();
	}
	return sound_load(*path, size);
}

/* Looks like the frames of an MP3, as a picture may by chance. */
static size_t put_ape(uint8_t *to, const uint8_t *mp3, size_t size)
{
	uint8_t footer[32] = "APETAGEX\xd0\x07\0";
	uint32_t total = (uint32_t)size + 32;

	for (int i = 0; i < 4; i++)
		footer[12 + i] = (uint8_t)(total >> (8 * i));
	memcpy(to, mp3, size);
	memcpy(to + size, footer, sizeof(footer));
	return size + sizeof(footer);
}

static void tags_around_an_mp3_are_not_counted(void **state)
{
	char *path;
	size_t size, at = 10 + 200;
	uint8_t *mp3 =
		make("tags.mp3", "lame --quiet -V2 -t $IN $OUT", &path, &size);
	uint8_t *tagged = calloc(1, size + 10000);
	uint64_t plain = orders_length(path);

	(void)state;
	assert_non_null(tagged);
	memcpy(tagged, "ID3\3\0\0\0\0\1\x48", 10); /* 200 bytes of padding */
	memcpy(tagged + at, mp3, size);
	at += size;
	at += put_ape(tagged + at, mp3, 5000);
	memcpy(tagged + at, "TAG", 3);
	sound_store(path, tagged, at + 128);
	assert_int_equal(orders_length(path), plain);
	free(tagged);
	free(mp3);
	free(path);
}

static void a_header_that_lies_is_not_believed(void **state)
{
	char *path;
	size_t size;
	uint8_t *mp3 =
		make("lie.mp3", "lame --quiet -b128 $IN $OUT", &path, &size);
	uint8_t *twice = malloc(2 * size);
	uint64_t cut;

	(void)state;
	assert_non_null(twice);
	memcpy(twice, mp3, size);
	memcpy(twice + size, mp3, size);
	sound_store(path, mp3, size / 2);
	cut = orders_length(path);
	assert_true(cut > FRAMES / 2 - 3000 && cut < FRAMES / 2 + 3000);
	sound_store(path, twice, 2 * size);
	assert_true(orders_length(path) > 2 * FRAMES);
	free(twice);
	free(mp3);
	free(path);
}

/* Changes bytes in the middle and checks that only those seconds suffer. */
static void check_damage(const char *name, const char *command, bool stays)
{
	char *path;
	size_t size, silent = 0;
	uint8_t *bytes = make(name, command, &path, &size);
	uint64_t samples = orders_length(path);
	float *whole = orders_read(path, samples, 2, &silent), *damaged;
	size_t head = 3 * RATE * 2, tail = 10 * RATE * 2;

	assert_int_equal(silent, 0);
	sound_damage(path, (long)size / 2, 3000);
	damaged = orders_read(path, samples, 2, &silent);
	assert_true(silent > 0 && silent < 6 * RATE);
	assert_memory_equal(whole, damaged, head * sizeof(float));
	if (stays)
		assert_memory_equal(whole + tail, damaged + tail,
				    (samples * 2 - tail) * sizeof(float));
	free(whole);
	free(damaged);
	free(bytes);
	free(path);
}

static void damage_is_the_same_in_every_order(void **state)
{
	(void)state;
	check_damage("x.mp3", "lame --quiet -V2 $IN $OUT", false);
	check_damage("x.aac", ENCODE "-c:a aac $OUT", false);
	check_damage("x.m4a", ENCODE "-c:a aac -aac_pns 0 $OUT", true);
	check_damage("x.ogg", ENCODE "-c:a libvorbis $OUT", true);
	check_damage("x.opus", ENCODE "-ar 48000 -c:a libopus $OUT", false);
}

static void what_lies_behind_the_end_is_silent(void **state)
{
	char *path;
	size_t size, silent = 0;
	uint8_t *mp3 =
		make("end.mp3", "lame --quiet -b128 $IN $OUT", &path, &size);
	struct opened opened = orders_open(path);
	float *frames = calloc(RATE * 2, sizeof(float));

	(void)state;
	assert_non_null(frames);
	assert_int_equal(source_read(opened.source, 100 * (uint64_t)RATE,
				     frames, RATE, &silent),
			 0);
	assert_int_equal(silent, RATE);
	silent = 0;
	assert_int_equal(
		source_read(opened.source, RATE, frames, RATE, &silent), 0);
	assert_int_equal(silent, 0);
	orders_close(&opened);
	free(frames);
	free(mp3);
	free(path);
}

/* What only a hostile or unlucky file says of its length. */
static uint64_t listenable(uint64_t samples)
{
	return samples < FRAMES ? samples : FRAMES;
}

/* The place of a box's content, behind its four letters. */
static size_t find_box(const uint8_t *bytes, size_t size, const char *name)
{
	const uint8_t *found = memmem(bytes, size, name, 4);

	assert_non_null(found);
	return (size_t)(found - bytes) + 4;
}

/* Seconds enough to be read in each of the orders. */
#define ENCODE_5_S ENCODE "-t 5 "

/* Flips single bits of an MP4's box; no order of reading may show it. */
static void check_flips(const char *command, const char *box, size_t from,
			size_t to)
{
	char *path;
	size_t size, silent, at;
	uint8_t *bytes = make("flip.mp4", command, &path, &size);

	at = find_box(bytes, size, box);
	for (size_t bit = from; bit < to; bit++) {
		uint64_t samples;

		bytes[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
		sound_store(path, bytes, size);
		samples = listenable(orders_length(path));
		if (samples > 0)
			free(orders_read(path, samples, 2, &silent));
		bytes[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
	free(path);
}

/* 8 bytes of header, then pairs of a count and a duration. */
static void time_stamps_that_lie_do_it_in_every_order(void **state)
{
	(void)state;
	check_flips(ENCODE_5_S "-c:a libvorbis $OUT", "stts", 64, 96);
	check_flips(ENCODE_5_S "-c:a libvorbis $OUT", "stts", 128, 192);
	/* the last packet ends with a second, and the track a little later */
	check_flips(ENCODE "-t 2 -c:a libvorbis $OUT", "stts", 128, 256);
	check_flips(ENCODE_5_S "-c:a aac $OUT", "stts", 64, 128);
	check_flips(ENCODE_5_S "-c:a aac $OUT", "elst", 64, 144);
	check_flips(ENCODE_5_S "-c:a aac $OUT", "stco", 64, 128);
}

static void grow(uint8_t *bytes, size_t size, const char *box, uint32_t by)
{
	uint8_t *at = bytes + find_box(bytes, size, box) - 8;
	uint32_t was = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
		       (uint32_t)at[2] << 8 | at[3];

	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)((was + by) >> (24 - 8 * i));
}

/* From 2 s on for 3 s, then from 7 s on for 4 s; ticks of 1/1000 s. */
static const uint8_t two_edits[28] = {[3] = 2,
				      [6] = 3000 >> 8,
				      [7] = 3000 & 255,
				      [9] = 88200 >> 16,
				      [10] = 88200 >> 8 & 255,
				      [11] = 88200 & 255,
				      [13] = 1,
				      [18] = 4000 >> 8,
				      [19] = 4000 & 255,
				      [21] = 308700 >> 16,
				      [22] = 308700 >> 8 & 255,
				      [23] = 308700 & 255,
				      [25] = 1};
static const char *const edit_boxes[] = {"moov", "trak", "edts", "elst"};

static void two_edits_are_what_ffmpeg_makes_of_them(void **state)
{
	char *path, *raw;
	size_t size, silent, at, expected;
	uint8_t *bytes =
		make("edits.m4a", ENCODE "-c:a aac $OUT", &path, &size);
	uint8_t *edited = calloc(1, size + 12);
	float *frames;

	(void)state;
	assert_non_null(edited);
	at = find_box(bytes, size, "elst") + 4;
	memcpy(edited, bytes, at);
	memcpy(edited + at, two_edits, sizeof(two_edits));
	memcpy(edited + at + 28, bytes + at + 16, size - at - 16);
	for (size_t i = 0; i < 4; i++)
		grow(edited, size + 12, edit_boxes[i], 12);
	sound_store(path, edited, size + 12);
	raw = sound_encode(orders_directory, "edits.raw", path,
			   ENCODE "-f f32le $OUT");
	assert_non_null(raw);
	free(sound_load(raw, &expected));
	assert_int_equal(orders_length(path), expected / 8);
	frames = orders_read(path, expected / 8, 2, &silent);
	assert_int_equal(silent, 0);
	free(frames);
	free(edited);
	free(bytes);
	free(path);
	free(raw);
}

/* A table of durations with one entry: 2^31 samples from packet to packet. */
static void nobody_waits_for_gaps_of_hours(void **state)
{
	char *path;
	size_t size, at;
	uint8_t *bytes =
		make("gaps.m4a", ENCODE "-c:a alac -use_editlist 0 $OUT", &path,
		     &size);
	struct opened opened;
	uint64_t samples;

	(void)state;
	at = find_box(bytes, size, "stts") + 12;
	memcpy(bytes + at, "\x7f\xff\0\0", 4);
	sound_store(path, bytes, size);
	opened = orders_open(path);
	assert_int_equal(source_count(opened.source, &samples), -EINVAL);
	orders_close(&opened);
	free(bytes);
	free(path);
}

static void count_life(void *context)
{
	++*(unsigned *)context;
}

/* All packets but the first are empty: none of them is read. */
static void packets_without_bytes_show_life(void **state)
{
	char *path;
	size_t size, at;
	uint8_t *bytes =
		make("empty.m4a", ENCODE "-c:a aac $OUT", &path, &size);
	struct opened opened;
	unsigned before = 0, signs = 0;
	uint64_t samples;

	(void)state;
	at = find_box(bytes, size, "stsz") + 12;
	memset(bytes + at, 0, 500 * 4);
	sound_store(path, bytes, size);
	opened = orders_open(path);
	opened.source->input.alive = count_life;
	opened.source->input.context = &signs;
	before = signs;
	assert_int_equal(source_count(opened.source, &samples), 0);
	assert_true(signs - before > 400);
	orders_close(&opened);
	free(bytes);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_around_an_mp3_are_not_counted),
		cmocka_unit_test(a_header_that_lies_is_not_believed),
		cmocka_unit_test(damage_is_the_same_in_every_order),
		cmocka_unit_test(time_stamps_that_lie_do_it_in_every_order),
		cmocka_unit_test(two_edits_are_what_ffmpeg_makes_of_them),
		cmocka_unit_test(nobody_waits_for_gaps_of_hours),
		cmocka_unit_test(packets_without_bytes_show_life),
		cmocka_unit_test(what_lies_behind_the_end_is_silent),
	};

	media_setup();
	return cmocka_run_group_tests(tests, orders_set_up, orders_tear_down);
}
