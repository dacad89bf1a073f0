/*
 * A mix-down goes by the speakers that a file names itself, whichever library
 * decodes it.
 */
#include "scratch.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 44100, FRAMES = RATE / 4, MASK_AT = 40 };

/* Bits of WAVE's mask, and the speakers that they name. */
static const struct layout {
	uint32_t mask;
	unsigned channels;
	uint8_t speakers[8];
} layouts[] = {
	{0x00b, 3, {0, 1, 3}},
	{0x103, 3, {0, 1, 8}},
	{0x00f, 4, {0, 1, 2, 3}},
	{0x107, 4, {0, 1, 2, 8}},
	{0x603, 4, {0, 1, 9, 10}},
	{0x707, 6, {0, 1, 2, 8, 9, 10}},
	{0x0ff, 8, {0, 1, 2, 3, 4, 5, 6, 7}},
};

enum { LAYOUTS = sizeof(layouts) / sizeof(*layouts) };

static char *write_wave(const struct layout *layout)
{
	char *path = sound_write(sound_directory, "in.wav",
				 SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, RATE,
				 layout->channels, FRAMES);
	size_t size;
	uint8_t *bytes = sound_load(path, &size);

	bytes[MASK_AT] = (uint8_t)layout->mask;
	bytes[MASK_AT + 1] = (uint8_t)(layout->mask >> 8);
	sound_store(path, bytes, size);
	free(bytes);
	return path;
}

static void check_speakers(const char *path, const uint8_t *speakers,
			   unsigned channels)
{
	struct input input = sound_open(path);
	struct source *source;

	assert_int_equal(source_open(&input, &source), 0);
	assert_int_equal(source->info.channels, channels);
	for (unsigned c = 0; c < channels; c++) {
		if (source->info.speakers[c] != speakers[c])
			fail_msg("%s: channel %u is speaker %u, not %u", path,
				 c, source->info.speakers[c], speakers[c]);
	}
	source_close(source);
	close(input.fd);
}

static void check_layout(const struct layout *layout, const char *name,
			 const char *command)
{
	char *wave = write_wave(layout);
	char *path = sound_encode(sound_directory, name, wave, command);

	assert_non_null(path);
	check_speakers(path, layout->speakers, layout->channels);
	free(path);
	free(wave);
}

#define FFMPEG "ffmpeg -nostdin -v fatal -y -i $IN "

/* The comment goes with the frames; `flac` writes none for odd layouts. */
static void check_flac(const char *name, const char *command)
{
	for (size_t i = 0; i < LAYOUTS; i++) {
		char whole[512];

		snprintf(whole, sizeof(whole),
			 FFMPEG "-c:a flac -metadata "
				"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x%x %s",
			 layouts[i].mask, command);
		check_layout(&layouts[i], name, whole);
	}
}

static void FLAC_s_comment_counts_in_its_own_file(void **state)
{
	(void)state;
	check_flac("l.flac", "$OUT");
}

static void FLAC_s_comment_counts_in_Ogg(void **state)
{
	(void)state;
	check_flac("l.oga", "$OUT");
}

static void FLAC_s_comment_counts_in_Matroska(void **state)
{
	(void)state;
	check_flac("l.mka", "$OUT");
}

static uint8_t *find(uint8_t *bytes, size_t size, const char *type)
{
	uint8_t *found = memmem(bytes, size, type, 4);

	assert_non_null(found);
	return found;
}

static void enlarge(uint8_t *type, size_t by)
{
	uint32_t size = (uint32_t)type[-4] << 24 | (uint32_t)type[-3] << 16 |
			(uint32_t)type[-2] << 8 | type[-1];

	size += (uint32_t)by;
	for (int i = 0; i < 4; i++)
		type[i - 4] = (uint8_t)(size >> (24 - 8 * i));
}

/* FFmpeg puts STREAMINFO alone into "dfLa"; the comment follows it here. */
static void add_comment(const char *path, uint32_t mask)
{
	static const char *const boxes[] = {"moov", "trak", "mdia", "minf",
					    "stbl", "stsd", "fLaC", "dfLa"};
	enum { STREAMINFO = 4 + 4 + 4 + 34, BLOCK = 4 + 4 + 4 + 4 + 39 };
	uint8_t block[BLOCK + 1] = {0x84, 0, 0, BLOCK - 4};
	size_t size, at;
	uint8_t *bytes = sound_load(path, &size), *more;

	block[8] = 1;
	block[12] = 39;
	snprintf((char *)block + 16, 40,
		 "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x%03x", mask);
	for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++)
		enlarge(find(bytes, size, boxes[i]), BLOCK);
	at = (size_t)(find(bytes, size, "dfLa") - bytes) + STREAMINFO;
	bytes[at - 38] &= 0x7f; /* it is not the last one any more */
	more = malloc(size + BLOCK);
	memcpy(more, bytes, at);
	memcpy(more + at, block, BLOCK);
	memcpy(more + at + BLOCK, bytes + at, size - at);
	sound_store(path, more, size + BLOCK);
	free(more);
	free(bytes);
}

static void FLAC_s_comment_counts_in_MP4(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		char *wave = write_wave(&layouts[i]);
		char *path = sound_encode(sound_directory, "l.mp4", wave,
					  FFMPEG "-c:a flac -strict -2 $OUT");

		assert_non_null(path);
		add_comment(path, layouts[i].mask);
		check_speakers(path, layouts[i].speakers, layouts[i].channels);
		free(path);
		free(wave);
	}
}

/* RFC 9639, 9.1.3; FFmpeg would have others. */
static void FLAC_without_a_comment_has_its_own_order(void **state)
{
	static const struct layout usual[] = {
		{0x00b, 3, {0, 1, 2}},
		{0x00f, 4, {0, 1, 4, 5}},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		check_layout(&usual[i], "u.oga", FFMPEG "-c:a flac $OUT");
		check_layout(&usual[i], "u.mp4",
			     FFMPEG "-c:a flac -strict -2 $OUT");
	}
}

static void WavPack_s_mask_counts_in_Matroska(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++)
		check_layout(&layouts[i], "l.mka", FFMPEG "-c:a wavpack $OUT");
}

/* FFmpeg writes a tag where there is one, and else a mask. */
static const char *const containers[] = {"l.aiff", "l.caf", "l.mov"};

static void write_chan(const char *name, uint32_t tag, uint32_t count,
		       const struct layout *layout, char **path)
{
	char *wave = write_wave(layout);
	uint8_t *bytes, *chan;
	size_t size;

	*path = sound_encode(sound_directory, name, wave,
			     FFMPEG "-c:a pcm_s16be $OUT");
	assert_non_null(*path);
	bytes = sound_load(*path, &size);
	chan = memmem(bytes, size, "CHAN", 4);
	chan = chan ? chan + 8 : find(bytes, size, "chan");
	if (strstr(name, "mov"))
		chan += 8;
	else if (strstr(name, "caf"))
		chan += 12;
	chan[0] = (uint8_t)(tag >> 8);
	chan[1] = (uint8_t)tag;
	chan[3] = (uint8_t)count;
	sound_store(*path, bytes, size);
	free(bytes);
	free(wave);
}

static void Apple_s_masks_and_tags_count(void **state)
{
	/* C L R Ls Rs LFE, as films have it: kAudioChannelLayoutTag_MPEG_5_1_D
	 */
	static const struct layout film = {0x707, 6, {2, 0, 1, 4, 5, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(containers) / sizeof(char *); i++) {
		char *path;

		for (size_t j = 0; j < LAYOUTS; j++) {
			struct layout plain = layouts[j];

			if (plain.mask == 0x603) /* the tag names the back */
				plain.mask = 0x033;
			if (plain.mask == 0x033)
				memcpy(plain.speakers, "\0\1\4\5", 4);
			check_layout(&plain, containers[i],
				     FFMPEG "-c:a pcm_s16be $OUT");
		}
		write_chan(containers[i], 124, 6, &film, &path);
		check_speakers(path, film.speakers, film.channels);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(FLAC_s_comment_counts_in_its_own_file),
		cmocka_unit_test(FLAC_s_comment_counts_in_Ogg),
		cmocka_unit_test(FLAC_s_comment_counts_in_Matroska),
		cmocka_unit_test(FLAC_s_comment_counts_in_MP4),
		cmocka_unit_test(FLAC_without_a_comment_has_its_own_order),
		cmocka_unit_test(WavPack_s_mask_counts_in_Matroska),
		cmocka_unit_test(Apple_s_masks_and_tags_count),
	};

	media_setup();
	return cmocka_run_group_tests(tests, sound_set_up, sound_tear_down);
}
