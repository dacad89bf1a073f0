/*
 * Lossy files that are not what they seem: with tags around them, cut, joined,
 * or damaged. Nothing of it may make a second depend on what was read before.
 */
#include "transcode/worker/source.h"

#include "scratch.h"
#include "tests/unit/orders.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/media.h"

#include <sndfile.h>

enum { RATE = 44100, FRAMES = 12 * RATE + 12345 };

#define ENCODE "ffmpeg -nostdin -v error -y -i $IN "

/* One directory and one sound for all tests. */
static char *directory;
static char *wave;

/* Gives the file's bytes; skips the test where it cannot be made. */
static uint8_t *make(const char *name, const char *command, char **path,
		     size_t *size)
{
	*path = sound_encode(directory, name, wave, command);
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

static int set_up(void **state)
{
	(void)state;
	directory = scratch_make();
	wave = sound_write(directory, "a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16,
			   RATE, 2, FRAMES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(wave);
	scratch_remove(directory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_around_an_mp3_are_not_counted),
		cmocka_unit_test(a_header_that_lies_is_not_believed),
		cmocka_unit_test(damage_is_the_same_in_every_order),
		cmocka_unit_test(what_lies_behind_the_end_is_silent),
	};

	media_setup();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
