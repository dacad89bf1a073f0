/* What libsndfile reads: all that it writes, and headers that lie. */
#include "transcode/worker/source/source.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include "transcode/worker/source/media.h"

#include <sndfile.h>

enum { RATE = 8000, SECONDS = 4, FRAMES = SECONDS * RATE + 123 };

static const struct container {
	int id;
	const char *suffix;
	const char *mark; /* its chunk of samples */
	unsigned width;	  /* of the size behind that, in bytes */
} containers[] = {
	{SF_FORMAT_WAV, "wav", "data", 4},
	{SF_FORMAT_WAVEX, "wav", "data", 4},
	{SF_FORMAT_AIFF, "aiff", "SSND", 4},
	{SF_FORMAT_AU, "au", ".snd", 4},
	{SF_FORMAT_CAF, "caf", "data", 8},
	{SF_FORMAT_W64, "w64", "data", 8},
	{SF_FORMAT_RF64, "rf64", "ds64", 8},
};

enum { CONTAINERS = sizeof(containers) / sizeof(*containers) };

static const int subformats[] = {
	SF_FORMAT_PCM_S8,	SF_FORMAT_PCM_U8,	SF_FORMAT_PCM_16,
	SF_FORMAT_PCM_24,	SF_FORMAT_PCM_32,	SF_FORMAT_FLOAT,
	SF_FORMAT_DOUBLE,	SF_FORMAT_ULAW,		SF_FORMAT_ALAW,
	SF_FORMAT_IMA_ADPCM,	SF_FORMAT_MS_ADPCM,	SF_FORMAT_GSM610,
	SF_FORMAT_G721_32,	SF_FORMAT_G723_24,	SF_FORMAT_G723_40,
	SF_FORMAT_NMS_ADPCM_16, SF_FORMAT_NMS_ADPCM_24, SF_FORMAT_NMS_ADPCM_32,
	SF_FORMAT_DWVW_16,	SF_FORMAT_DWVW_24,	SF_FORMAT_ALAC_16,
	SF_FORMAT_ALAC_24,
};

enum { SUBFORMATS = sizeof(subformats) / sizeof(*subformats) };

struct audio {
	size_t frames;
	unsigned channels;
	float *samples;
};

/*
 * Blocks of 65 bytes and 320 samples: where they are an odd number, libsndfile
 * takes the byte that pads a WAV's chunk for another one.
 */
static sf_count_t without_padding(const SF_INFO *info)
{
	enum { BLOCK = 320 };
	int type = info->format & SF_FORMAT_TYPEMASK;
	bool odd = (FRAMES - 1) / BLOCK % 2 == 0;

	if ((info->format & SF_FORMAT_SUBMASK) != SF_FORMAT_GSM610 ||
	    (type != SF_FORMAT_WAV && type != SF_FORMAT_WAVEX) || !odd)
		return info->frames;
	return info->frames - BLOCK;
}

/* As libsndfile gives it from the beginning to the end. */
static struct audio read_plainly(const char *path)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	struct audio audio = {0};

	assert_non_null(file);
	info.frames = without_padding(&info);
	audio.frames = (size_t)info.frames;
	audio.channels = (unsigned)info.channels;
	audio.samples = calloc(audio.frames * audio.channels, sizeof(float));
	assert_non_null(audio.samples);
	assert_int_equal(sf_readf_float(file, audio.samples, info.frames),
			 info.frames);
	sf_close(file);
	return audio;
}

static void check_second(struct source *source, const struct audio *audio,
			 size_t second)
{
	size_t start = second * RATE, silent = 0;
	size_t count =
		audio->frames - start < RATE ? audio->frames - start : RATE;
	float frames[RATE * 2];

	assert_int_equal(source_read(source, start, frames, count, &silent), 0);
	assert_int_equal(silent, 0);
	assert_memory_equal(frames, audio->samples + start * audio->channels,
			    count * audio->channels * sizeof(float));
}

/* The file has this audio, in whatever order it is read. */
static void check_file(const char *path, const struct audio *audio)
{
	static const size_t order[] = {3, 0, 2, 1, 4, 1};
	struct input input = sound_open(path);
	struct source *source;

	if (source_open(&input, &source) != 0)
		fail_msg("cannot open %s", path);
	assert_int_equal(source->info.channels, audio->channels);
	assert_int_equal(source->info.samples, audio->frames);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		check_second(source, audio, order[i]);
	assert_int_equal(source->restarts, 0);
	source_close(source);
	close(input.fd);
}

/* NULL when libsndfile does not write that. */
static char *write_some(const char *directory, const struct container *in,
			int subformat, unsigned channels)
{
	SF_INFO info = {.samplerate = RATE,
			.channels = (int)channels,
			.format = in->id | subformat};
	char name[32];

	if (!sf_format_check(&info))
		return NULL;
	snprintf(name, sizeof(name), "%x-%x.%s", in->id, subformat, in->suffix);
	return sound_write(directory, name, info.format, RATE, channels,
			   FRAMES);
}

static void all_of_it_is_the_same_in_any_order(void **state)
{
	char *directory = scratch_make();

	(void)state;
	for (unsigned i = 0; i < CONTAINERS * SUBFORMATS * 2; i++) {
		char *path = write_some(directory, &containers[i % CONTAINERS],
					subformats[i / CONTAINERS % SUBFORMATS],
					1 + i / CONTAINERS / SUBFORMATS);
		struct audio audio;

		if (!path)
			continue;
		audio = read_plainly(path);
		check_file(path, &audio);
		free(audio.samples);
		free(path);
	}
	scratch_remove(directory);
}

struct bytes {
	uint8_t *at;
	size_t size;
};

/* An ID3v2.4 tag of 300,010 bytes in front, an ID3v1 tag behind. */
static void store_tagged(const char *path, const struct bytes *bytes,
			 bool in_front, bool behind)
{
	static const uint8_t head[10] = {'I', 'D', '3',	 4,    0,
					 0,   0,   0x12, 0x27, 0x60};
	static const size_t tag = 10 + (0x12 << 14) + (0x27 << 7) + 0x60;
	size_t front = in_front ? tag : 0;
	uint8_t *all = calloc(1, front + bytes->size + 128);

	assert_non_null(all);
	if (in_front)
		memcpy(all, head, sizeof(head));
	memcpy(all + front, bytes->at, bytes->size);
	memcpy(all + front + bytes->size, "TAGTitle", 8);
	sound_store(path, all, front + bytes->size + (behind ? 128 : 0));
	free(all);
}

static void tags_in_front_and_behind_change_nothing(void **state)
{
	char *directory = scratch_make();

	(void)state;
	for (unsigned i = 0; i < CONTAINERS; i++) {
		char *path = write_some(directory, &containers[i],
					SF_FORMAT_PCM_16, 2);
		struct audio audio = read_plainly(path);
		struct bytes bytes;

		bytes.at = sound_load(path, &bytes.size);
		store_tagged(path, &bytes, true, false);
		check_file(path, &audio);
		store_tagged(path, &bytes, false, true);
		check_file(path, &audio);
		store_tagged(path, &bytes, true, true);
		check_file(path, &audio);
		free(audio.samples);
		free(bytes.at);
		free(path);
	}
	scratch_remove(directory);
}

/* Where the number is that says how many bytes of samples there are. */
static uint8_t *size_of_samples(const struct container *in,
				const struct bytes *bytes)
{
	uint8_t *mark = memmem(bytes->at, bytes->size, in->mark, 4);

	assert_non_null(mark);
	if (in->id == SF_FORMAT_AU)
		return mark + 8;
	if (in->id == SF_FORMAT_RF64 || in->id == SF_FORMAT_W64)
		return mark + 16;
	return mark + 4;
}

static void store_number(uint8_t *to, uint64_t value, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		to[big ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static bool is_big(const struct container *in)
{
	return in->id == SF_FORMAT_AIFF || in->id == SF_FORMAT_AU ||
	       in->id == SF_FORMAT_CAF;
}

/* Nothing, or what programs write that cannot come back to the header. */
static void check_placeholders(const char *path, const struct container *in,
			       const struct audio *audio)
{
	static const uint64_t values[] = {0, UINT64_MAX, 0x7ffff000, 0x80000000,
					  0xffff0000};
	struct bytes bytes;
	uint8_t *number;

	bytes.at = sound_load(path, &bytes.size);
	number = size_of_samples(in, &bytes);
	for (size_t i = 0; i < (in->width == 4 ? 5 : 2); i++) {
		store_number(number, values[i], in->width, is_big(in));
		store_tagged(path, &bytes, false, false);
		check_file(path, audio);
		store_tagged(path, &bytes, true, true);
		check_file(path, audio);
	}
	free(bytes.at);
}

static void a_size_that_was_never_told_is_found(void **state)
{
	static const int some[] = {SF_FORMAT_PCM_16, SF_FORMAT_FLOAT,
				   SF_FORMAT_GSM610, SF_FORMAT_IMA_ADPCM,
				   SF_FORMAT_G721_32};
	char *directory = scratch_make();

	(void)state;
	for (unsigned i = 0; i < CONTAINERS * 5; i++) {
		const struct container *in = &containers[i % CONTAINERS];
		char *path = write_some(directory, in, some[i / CONTAINERS], 1);
		struct audio audio;

		if (!path)
			continue;
		audio = read_plainly(path);
		check_placeholders(path, in, &audio);
		free(audio.samples);
		free(path);
	}
	scratch_remove(directory);
}

/* The file ends with the sample 12345, behind `size` bytes in all. */
static void check_large(const char *directory, const struct container *in,
			uint64_t size, uint64_t told)
{
	char *path = write_some(directory, in, SF_FORMAT_PCM_16, 2);
	uint8_t last[4] = {0x39, 0x30, 0x39, 0x30};
	float frame[2] = {0};
	struct bytes bytes;
	struct input input;
	struct source *source;
	size_t header, silent = 0;

	bytes.at = sound_load(path, &bytes.size);
	header = bytes.size - (size_t)FRAMES * 4;
	store_number(size_of_samples(in, &bytes), told, in->width, is_big(in));
	sound_store(path, bytes.at, header);
	if (is_big(in))
		memcpy(last, (uint8_t[4]){0x30, 0x39, 0x30, 0x39}, 4);
	assert_int_equal(truncate(path, (off_t)(header + size)), 0);
	input = sound_open(path);
	close(input.fd);
	input.fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(input.fd, last, 4, (off_t)(header + size - 4)),
			 4);
	if (source_open(&input, &source) != 0)
		fail_msg("cannot open %s", path);
	assert_int_equal(source->info.samples, size / 4);
	assert_int_equal(source_read(source, size / 4 - 1, frame, 1, &silent),
			 0);
	assert_true(frame[0] == 12345.0f / 32768 && frame[1] == frame[0]);
	source_close(source);
	close(input.fd);
	free(bytes.at);
	free(path);
}

/* Sparse ones; AIFF counts 8 bytes more than its samples. */
static void beyond_4_GiB_nothing_is_lost(void **state)
{
	static const uint64_t sizes[] = {4400000000, 9000000000};
	char *directory = scratch_make();

	(void)state;
	for (unsigned i = 0; i < CONTAINERS * 2; i++) {
		const struct container *in = &containers[i % CONTAINERS];
		uint64_t size = sizes[i / CONTAINERS];
		uint64_t more = in->id == SF_FORMAT_AIFF  ? 8
				: in->id == SF_FORMAT_CAF ? 4
				: in->id == SF_FORMAT_W64 ? 24
							  : 0;

		check_large(directory, in, size, size + more);
		check_large(directory, in, size, UINT64_MAX);
		check_large(directory, in, size, 0);
	}
	scratch_remove(directory);
}

/* FFmpeg says "out of memory" of it, which would be asked again for ever. */
static void a_header_that_is_cut_is_the_file_s_fault(void **state)
{
	static const uint8_t start[] =
		"RIFF\xa0\x86\x01\0WAVEfmt \x60\xea\0\0\x11\0\2\0\x44\xac\0\0"
		"\x10\xb1\2\0\4\0\x10\0\x4e\xea";
	char *directory = scratch_make();
	char *path = scratch_path(directory, "a.wav");
	uint8_t bytes[600] = {0};
	struct input input;
	struct source *source;
	struct media *media;

	(void)state;
	memcpy(bytes, start, sizeof(start));
	sound_store(path, bytes, sizeof(bytes));
	input = sound_open(path);
	assert_int_equal(source_open(&input, &source), -EINVAL);
	assert_int_equal(media_open(&input, "wav", &media), -EINVAL);
	close(input.fd);
	free(path);
	scratch_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_the_same_in_any_order),
		cmocka_unit_test(tags_in_front_and_behind_change_nothing),
		cmocka_unit_test(a_size_that_was_never_told_is_found),
		cmocka_unit_test(beyond_4_GiB_nothing_is_lost),
		cmocka_unit_test(a_header_that_is_cut_is_the_file_s_fault),
	};

	media_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
