/*
 * Two tones a channel and some noise: loud and quiet parts, and never the same
 * twice, so that no stretch can be taken for another.
 */
#include "tests/unit/sounds.h"

#include "scratch.h"

#include <math.h>
#include <sndfile.h>

char *sound_directory;

int sound_set_up(void **state)
{
	(void)state;
	sound_directory = scratch_make();
	return 0;
}

int sound_tear_down(void **state)
{
	(void)state;
	scratch_remove(sound_directory);
	return 0;
}

int16_t sound_sample(size_t frame, unsigned channel)
{
	double t = (double)frame / 44100;
	double tone = sin(2 * M_PI * (220 + 90 * channel) * t) +
		      0.5 * sin(2 * M_PI * (3000 + 400 * channel) * t);
	uint64_t state = frame * 8 + channel;
	double noise = (double)(scratch_random(&state) >> 40) / (1 << 24) - 0.5;

	return (int16_t)(9000 * tone * (0.6 + 0.4 * sin(t)) + 1500 * noise);
}

char *sound_write(const char *directory, const char *name, int format,
		  uint32_t rate, unsigned channels, size_t frames)
{
	char *path = scratch_path(directory, name);
	SF_INFO info = {.samplerate = (int)rate,
			.channels = (int)channels,
			.format = format};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	short *samples = malloc(frames * channels * sizeof(*samples));

	assert_non_null(file);
	assert_non_null(samples);
	sf_command(file, SFC_SET_SCALE_INT_FLOAT_WRITE, NULL, SF_TRUE);
	for (size_t i = 0; i < frames * channels; i++)
		samples[i] = sound_sample(i / channels, i % channels);
	/* at once: libsndfile calls write(2) each time */
	assert_int_equal(sf_writef_short(file, samples, (sf_count_t)frames),
			 frames);
	free(samples);
	assert_int_equal(sf_close(file), 0);
	return path;
}

char *sound_encode(const char *directory, const char *name, const char *from,
		   const char *command)
{
	char *path = scratch_path(directory, name);
	struct stat st;

	assert_int_equal(setenv("IN", from, 1), 0);
	assert_int_equal(setenv("OUT", path, 1), 0);
	if (system(command) == 0 && stat(path, &st) == 0 && st.st_size > 0)
		return path;
	free(path);
	return NULL;
}

float *sound_read(const char *path, size_t frames, unsigned channels)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	float *samples = calloc(frames * channels, sizeof(*samples));

	assert_non_null(file);
	assert_non_null(samples);
	assert_int_equal(info.channels, channels);
	assert_int_equal(info.frames, frames);
	assert_int_equal(sf_readf_float(file, samples, (sf_count_t)frames),
			 frames);
	sf_close(file);
	return samples;
}

void *sound_load(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	struct stat st;
	void *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	bytes = malloc((size_t)st.st_size + 1);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)st.st_size, file);
	assert_int_equal(*size, st.st_size);
	fclose(file);
	return bytes;
}

void sound_store(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void sound_damage(const char *path, long offset, size_t size)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET),
			 0);
	for (size_t i = 0; i < size; i++)
		assert_true(fputc((int)(i * 37 & 0xff), file) != EOF);
	assert_int_equal(fclose(file), 0);
}

void sound_cut(const char *path, double part)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, (off_t)((double)st.st_size * part)), 0);
}

struct input sound_open(const char *path)
{
	struct input input = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
	struct stat st;

	assert_true(input.fd >= 0);
	assert_int_equal(fstat(input.fd, &st), 0);
	input.size = (uint64_t)st.st_size;
	return input;
}
