/* Decoding: every backend, every order, and files that are broken. */
#include "transcode/worker/source/source.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include "cache/disk/facts.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/tasks.h"

#include <sndfile.h>
#include <sys/socket.h>

enum { RATE = 44100, SECONDS = 6, FRAMES = SECONDS * RATE - 1000 };

struct opened {
	struct input input;
	struct source *source;
};

static struct opened open_source(const char *path)
{
	struct opened opened = {.input = sound_open(path)};

	assert_int_equal(source_open(&opened.input, &opened.source), 0);
	return opened;
}

static void close_source(struct opened *opened)
{
	source_close(opened->source);
	close(opened->input.fd);
}

/* Reads one second and compares it with what was written. */
static void check_second(struct source *source, unsigned second)
{
	unsigned channels = source->info.channels;
	size_t start = (size_t)second * RATE, silent = 0;
	size_t count = start + RATE > FRAMES ? FRAMES - start : RATE;
	float *frames = calloc(count * channels, sizeof(*frames));

	assert_non_null(frames);
	assert_int_equal(source_read(source, start, frames, count, &silent), 0);
	assert_int_equal(silent, 0);
	for (size_t i = 0; i < count * channels; i++) {
		int16_t expected = sound_sample(start + i / channels,
						(unsigned)(i % channels));

		assert_true(frames[i] == (float)expected / 32768);
	}
	free(frames);
}

static void check_format(const char *name, int format, unsigned channels)
{
	static const unsigned order[] = {0, 1, 2, 5, 3, 4, 0, 5, 1};
	char *directory = scratch_make();
	char *path =
		sound_write(directory, name, format, RATE, channels, FRAMES);
	struct opened opened = open_source(path);

	assert_int_equal(opened.source->info.samples, FRAMES);
	assert_int_equal(opened.source->info.kind, FACTS_LOSSLESS);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		check_second(opened.source, order[i]);
	assert_int_equal(opened.source->restarts, 0);
	close_source(&opened);
	free(path);
	scratch_remove(directory);
}

static void plain_formats_give_exact_samples_in_any_order(void **state)
{
	(void)state;
	check_format("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 2);
	check_format("b.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1);
	check_format("c.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 6);
	check_format("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2);
	check_format("b.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 2);
	check_format("c.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_32, 2);
	check_format("d.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1);
	check_format("a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 2);
	check_format("a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 2);
	check_format("a.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 2);
	check_format("a.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 2);
}

/* STREAMINFO's sizes of blocks are at 8; seeks depend on them. */
static void check_block_sizes(const char *path, const uint8_t *sizes)
{
	static const unsigned order[] = {0, 3, 1, 5, 2, 4};
	size_t size;
	uint8_t *bytes = sound_load(path, &size);
	struct opened opened;

	memcpy(bytes + 8, sizes, 4);
	sound_store(path, bytes, size);
	free(bytes);
	opened = open_source(path);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		check_second(opened.source, order[i]);
	assert_int_equal(opened.source->restarts, 0);
	close_source(&opened);
}

static void a_flac_may_tell_wrong_sizes_of_blocks(void **state)
{
	static const uint8_t wrong[][4] = {
		{0x04, 0x00, 0x04, 0x00}, /* too small */
		{0x40, 0x00, 0x40, 0x00}, /* too large */
		{0x00, 0x10, 0x10, 0x00}, /* not the same */
		{0x00, 0x00, 0x00, 0x00},
	};
	char *directory = scratch_make();
	char *path =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		check_block_sizes(path, wrong[i]);
	free(path);
	scratch_remove(directory);
}

/* libsndfile writes it; what it gives is what FFmpeg must give. */
static void ffmpeg_gives_exact_samples_in_any_order(void **state)
{
	static const unsigned order[] = {4, 1, 2, 3, 0, 5};
	char *directory = scratch_make();
	char *path =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	struct opened opened = {.input = sound_open(path)};
	struct source source = {.input = opened.input,
				.sniff = {.demuxer = "flac"},
				.ops = &source_ffmpeg,
				.decoder = calloc(1, source_ffmpeg.size)};

	(void)state;
	assert_int_equal(source_ffmpeg.open(source.decoder, &source.input,
					    &source.sniff, &source.info),
			 0);
	assert_int_equal(source.info.samples, FRAMES);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		check_second(&source, order[i]);
	source_ffmpeg.close(source.decoder);
	free(source.decoder);
	close(opened.input.fd);
	free(path);
	scratch_remove(directory);
}

/* Gives the silent frames of each second, and all of the samples. */
static void read_all(const char *path, const unsigned *order, float *frames,
		     size_t *silent)
{
	struct opened opened = open_source(path);

	for (unsigned i = 0; i < SECONDS - 1; i++) {
		unsigned s = order[i];

		silent[s] = 0;
		assert_int_equal(source_read(opened.source, (uint64_t)s * RATE,
					     frames + (size_t)s * RATE * 2,
					     RATE, &silent[s]),
				 0);
	}
	close_source(&opened);
}

static void check_order_does_not_matter(const char *path, size_t silent[5])
{
	static const unsigned forward[] = {0, 1, 2, 3, 4};
	static const unsigned other[] = {3, 4, 1, 0, 2};
	size_t bytes = (size_t)(SECONDS - 1) * RATE * 2 * sizeof(float);
	float *first = calloc(1, bytes), *second = calloc(1, bytes);
	size_t again[5];

	assert_true(first && second);
	read_all(path, forward, first, silent);
	read_all(path, other, second, again);
	assert_memory_equal(first, second, bytes);
	assert_memory_equal(silent, again, sizeof(again));
	free(first);
	free(second);
}

static void damage_is_silence_of_the_right_length(void **state)
{
	char *directory = scratch_make();
	char *path =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	struct opened opened;
	size_t silent[5];
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	sound_damage(path, st.st_size * 5 / 12, 3000); /* second 2 */
	check_order_does_not_matter(path, silent);
	assert_true(silent[2] > 0 && silent[2] < RATE);
	assert_int_equal(silent[1] + silent[3] + silent[4], 0);
	opened = open_source(path);
	check_second(opened.source, 3);
	check_second(opened.source, 4);
	close_source(&opened);
	free(path);
	scratch_remove(directory);
}

static void a_cut_file_ends_in_silence(void **state)
{
	char *directory = scratch_make();
	char *path =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	size_t silent[5];

	(void)state;
	sound_cut(path, 0.5);
	check_order_does_not_matter(path, silent);
	assert_int_equal(silent[0] + silent[1], 0);
	assert_int_equal(silent[3] + silent[4], 2 * RATE);
	free(path);
	scratch_remove(directory);
}

/* STREAMINFO's 36 bits of total samples become 0: unknown. */
static void a_length_that_no_header_tells_is_counted(void **state)
{
	char *directory = scratch_make();
	char *path =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	struct opened opened;
	uint64_t samples = 0;
	int fd = open(path, O_RDWR);

	(void)state;
	assert_int_equal(pwrite(fd, "\xf0\0\0\0\0", 5, 21), 5);
	close(fd);
	opened = open_source(path);
	assert_int_equal(source_count(opened.source, &samples), 0);
	assert_int_equal(samples, FRAMES);
	close_source(&opened);
	free(path);
	scratch_remove(directory);
}

/* The last block of its header is said to go on behind the end. */
static void a_cut_header_promises_nothing(void **state)
{
	char *directory = scratch_make();
	char *path = scratch_path(directory, "a.flac");
	uint8_t bytes[146] = "fLaC\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0"
			     "\x0a\xc4\x42\xff\xff\xff\xff\xff";
	struct report report = {0};
	struct worker_task task = {0};
	struct input input;
	struct link link = {0};
	int pair[2];

	(void)state;
	memcpy(bytes + 42, "\x81\x7f\xff\xff", 4);
	sound_store(path, bytes, sizeof(bytes));
	input = sound_open(path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	link.socket = pair[0];
	if (task_probe(&link, &task, &input) == 0) {
		assert_true(recv(pair[1], &report, sizeof(report), 0) > 0);
		assert_int_equal(report.facts.samples, 0);
	}
	close(pair[0]);
	close(pair[1]);
	close(input.fd);
	free(path);
	scratch_remove(directory);
}

static void noise_is_no_music(void **state)
{
	uint64_t random = scratch_seed();
	char *directory = scratch_make();
	char *path = scratch_path(directory, "noise");

	(void)state;
	for (int round = 0; round < 20; round++) {
		FILE *file = fopen(path, "w");
		struct input input;
		struct source *source;

		assert_non_null(file);
		fwrite(round % 2 ? "fLaC" : "RIFFxxxxWAVEfmt ", 1,
		       round % 2 ? 4 : 16, file);
		for (int i = 0; i < 5000; i++)
			fputc((int)(scratch_random(&random) & 0xff), file);
		fclose(file);
		input = sound_open(path);
		if (source_open(&input, &source) == 0)
			source_close(source);
		close(input.fd);
	}
	free(path);
	scratch_remove(directory);
}

static void check_refused(const char *path)
{
	struct input input = sound_open(path);
	struct source *source;

	if (source_open(&input, &source) != -EINVAL)
		fail_msg("%s is opened", path);
	close(input.fd);
}

/* Silence of the right length would be copied and kept. */
static void what_nothing_can_decode_is_an_error(void **state)
{
	static const struct {
		const char *name, *command;
	} cut[] = {
		{"a.wv", "ffmpeg -nostdin -v error -y -i $IN $OUT"},
		{"a.tta", "ffmpeg -nostdin -v error -y -i $IN $OUT"},
	};
	char *directory = scratch_make();
	char *wave =
		sound_write(directory, "a.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	char *flac =
		sound_write(directory, "a.flac",
			    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE, 2, FRAMES);
	size_t size;
	uint8_t *bytes = sound_load(flac, &size);

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		char *path = sound_encode(directory, cut[i].name, wave,
					  cut[i].command);

		assert_non_null(path);
		assert_int_equal(truncate(path, 128), 0);
		check_refused(path);
		free(path);
	}
	memset(bytes + 86, 0x55, size - 86); /* STREAMINFO stays */
	bytes[42] = 0x81;
	memset(bytes + 43, 0, 3);
	sound_store(flac, bytes, size);
	check_refused(flac);
	free(bytes);
	free(flac);
	free(wave);
	scratch_remove(directory);
}

/* Three channels: left, right, and the subwoofer, which the mix leaves out. */
static void speakers_that_a_comment_names_are_used(void **state)
{
	char *directory = scratch_make();
	char *wave =
		sound_write(directory, "a.wav",
			    SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 3, FRAMES);
	char *path =
		sound_encode(directory, "a.flac", wave,
			     "ffmpeg -nostdin -v error -y -i $IN -metadata "
			     "waveformatextensible_channel_mask=0x00B $OUT");
	struct input input;
	struct source *source;

	(void)state;
	assert_non_null(path);
	input = sound_open(path);
	assert_int_equal(source_open(&input, &source), 0);
	assert_int_equal(source->info.speakers[2], SPEAKER_LOW_FREQUENCY);
	assert_int_equal(source->info.revision, 0xb00);
	source_close(source);
	close(input.fd);
	free(path);
	free(wave);
	scratch_remove(directory);
}

static void a_disk_that_fails_is_no_silence(void **state)
{
	struct input input = {.fd = -1, .size = 100000};
	struct source *source;

	(void)state;
	assert_int_equal(source_open(&input, &source), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_formats_give_exact_samples_in_any_order),
		cmocka_unit_test(a_flac_may_tell_wrong_sizes_of_blocks),
		cmocka_unit_test(ffmpeg_gives_exact_samples_in_any_order),
		cmocka_unit_test(damage_is_silence_of_the_right_length),
		cmocka_unit_test(a_cut_file_ends_in_silence),
		cmocka_unit_test(a_length_that_no_header_tells_is_counted),
		cmocka_unit_test(a_cut_header_promises_nothing),
		cmocka_unit_test(noise_is_no_music),
		cmocka_unit_test(what_nothing_can_decode_is_an_error),
		cmocka_unit_test(speakers_that_a_comment_names_are_used),
		cmocka_unit_test(a_disk_that_fails_is_no_silence),
	};

	media_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
