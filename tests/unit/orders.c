/* Three orders: what was read before differs in each for every second. */
#include "tests/unit/orders.h"

#include "scratch.h"
#include "tests/unit/sounds.h"

#include <sndfile.h>

char *orders_directory;
char *orders_wave;
size_t orders_frames = FRAMES;

int orders_set_up(void **state)
{
	(void)state;
	orders_directory = scratch_make();
	orders_wave = sound_write(orders_directory, "a.wav",
				  SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2,
				  orders_frames);
	return 0;
}

int orders_tear_down(void **state)
{
	(void)state;
	free(orders_wave);
	scratch_remove(orders_directory);
	return 0;
}

struct opened orders_open(const char *path)
{
	struct opened opened = {.input = sound_open(path)};

	assert_int_equal(source_open(&opened.input, &opened.source), 0);
	return opened;
}

void orders_close(struct opened *opened)
{
	source_close(opened->source);
	close(opened->input.fd);
}

uint64_t orders_length(const char *path)
{
	struct opened opened = orders_open(path);
	uint64_t samples = opened.source->info.samples;

	if (samples == 0)
		assert_int_equal(source_count(opened.source, &samples), 0);
	orders_close(&opened);
	return samples;
}

/* Reads second `s` of `samples` into its place of `frames`. */
static void read_second(struct source *source, uint64_t s, uint64_t samples,
			float *frames, size_t *silent)
{
	uint64_t rate = source->info.rate, start = s * rate;
	uint64_t count = samples - start < rate ? samples - start : rate;

	assert_int_equal(source_read(source, start,
				     frames + start * source->info.channels,
				     (size_t)count, silent),
			 0);
}

enum order { FORWARD, BACKWARD, SHUFFLED };

static float *read_all(const char *path, uint64_t samples, enum order order,
		       size_t *silent)
{
	struct opened opened = orders_open(path);
	struct source *source = opened.source;
	uint64_t rate = source->info.rate, seconds = (samples - 1) / rate + 1;
	float *frames = calloc(samples * source->info.channels, sizeof(float));

	assert_non_null(frames);
	*silent = 0;
	for (uint64_t i = 0; i < seconds; i++) {
		uint64_t s = i;

		if (order == BACKWARD)
			s = seconds - 1 - i;
		else if (order == SHUFFLED) /* pairs, every other one first */
			s = i < seconds / 2 ? seconds / 2 * 2 - 1 - 2 * i
					    : 2 * (i - seconds / 2);
		read_second(source, s, samples, frames, silent);
	}
	orders_close(&opened);
	return frames;
}

float *orders_read(const char *path, uint64_t samples, unsigned channels,
		   size_t *silent)
{
	float *first = read_all(path, samples, FORWARD, silent);

	for (enum order order = BACKWARD; order <= SHUFFLED; order++) {
		size_t again = 0;
		float *other = read_all(path, samples, order, &again);

		assert_memory_equal(first, other,
				    samples * channels * sizeof(float));
		assert_int_equal(*silent, again);
		free(other);
	}
	return first;
}
