/* Peaks in the audiowaveform format, against a plain reading of it. */
#include "analysis/peaks.h"

#include "run_measure.h"
#include "scratch.h"

#include <math.h>

struct file {
	uint8_t *bytes;
	size_t size;
	size_t calls;
};

static int collect(void *context, const uint8_t *bytes, size_t size)
{
	struct file *file = context;

	file->bytes = realloc(file->bytes, file->size + size);
	assert_non_null(file->bytes);
	memcpy(file->bytes + file->size, bytes, size);
	file->size += size;
	file->calls++;
	return 0;
}

/* `cut` 0: all at once. Frames that are fed may be fewer than announced. */
static struct file make_of(uint32_t bits, const float *frames,
			   unsigned channels, size_t fed, uint64_t announced,
			   size_t cut)
{
	struct file file = {0};
	const struct pass_config config = {
		.rate = 44100,
		.channels = channels,
		.bits = bits,
		.samples = announced,
		.write_peaks = collect,
		.context = &file,
	};

	run_measure(&measure_peaks, &config, frames, fed, cut ? cut : fed,
		    NULL);
	return file;
}

static struct file make(const float *frames, unsigned channels, size_t fed,
			uint64_t announced, size_t cut)
{
	return make_of(16, frames, channels, fed, announced, cut);
}

static uint32_t read_le(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static float *noise(size_t samples)
{
	float *frames = malloc(samples * sizeof(*frames));
	uint32_t state = 1;

	assert_non_null(frames);
	for (size_t i = 0; i < samples; i++) {
		state = state * 1664525 + 1013904223;
		frames[i] = (float)(int16_t)(state >> 16) / 32768;
	}
	return frames;
}

/* As audiowaveform does it, on its 16 bits. */
static void assert_plainly(const struct file *file, const float *frames,
			   unsigned channels, size_t count)
{
	for (size_t pixel = 0; pixel * 256 < count; pixel++) {
		int least = 32767, greatest = -32768;

		for (size_t i = pixel * 256; i < count && i < (pixel + 1) * 256;
		     i++) {
			int sum = 0;

			for (unsigned c = 0; c < channels; c++)
				sum += (int)(frames[i * channels + c] * 32768);
			sum /= (int)channels;
			least = sum < least ? sum : least;
			greatest = sum > greatest ? sum : greatest;
		}
		assert_int_equal((int8_t)file->bytes[24 + 2 * pixel],
				 least / 256);
		assert_int_equal((int8_t)file->bytes[25 + 2 * pixel],
				 greatest / 256);
	}
}

static void the_head_says_what_follows(void **state)
{
	float frames[600] = {0};
	struct file file = make(frames, 1, 600, 600, 0);

	(void)state;
	assert_int_equal(file.size, 24 + 6);
	assert_int_equal(read_le(file.bytes), 2);
	assert_int_equal(read_le(file.bytes + 4), 1);
	assert_int_equal(read_le(file.bytes + 8), 44100);
	assert_int_equal(read_le(file.bytes + 12), 256);
	assert_int_equal(read_le(file.bytes + 16), 3);
	assert_int_equal(read_le(file.bytes + 20), 1);
	free(file.bytes);
}

static void values_are_those_of_a_plain_reading(void **state)
{
	const size_t count = 100001;

	(void)state;
	for (unsigned channels = 1; channels <= 6; channels++) {
		float *frames = noise(count * channels);
		struct file file = make(frames, channels, count, count, 0);

		assert_plainly(&file, frames, channels, count);
		free(file.bytes);
		free(frames);
	}
}

static void extremes_are_kept_and_clipped(void **state)
{
	float frames[1024] = {[0] = 1, [1] = -1};
	struct file file;

	(void)state;
	frames[256] = 7;
	frames[257] = -INFINITY;
	frames[512] = NAN;
	frames[768] = 0.5f;
	frames[769] = -1.0f / 32768; /* less than 1/256: 0 */
	file = make(frames, 1, 1024, 1024, 0);
	assert_memory_equal(file.bytes + 24, "\x80\x7f\x80\x7f\0\0\0\x40", 8);
	free(file.bytes);
}

/* Full scale is 32767 of them, and what is between is cut towards 0. */
static void floats_are_scaled_as_audiowaveform_does(void **state)
{
	const float near = 256.5f / 32767;
	float frames[1024] = {[0] = 1, [1] = -1};
	struct file file;

	(void)state;
	frames[256] = 0.5f;
	frames[257] = -near;
	frames[512] = NAN;
	frames[513] = -INFINITY;
	frames[768] = -255.9f / 32767;
	file = make_of(0, frames, 1, 1024, 1024, 0);
	assert_memory_equal(file.bytes + 24, "\x81\x7f\xff\x3f\x80\0\0\0", 8);
	free(file.bytes);
}

static void opposite_channels_are_silence(void **state)
{
	float frames[512];
	struct file file;

	(void)state;
	for (size_t i = 0; i < 512; i++)
		frames[i] = i % 2 ? 0.75f : -0.75f;
	file = make(frames, 2, 256, 256, 0);
	assert_memory_equal(file.bytes + 24, "\0\0", 2);
	free(file.bytes);
}

static void the_size_is_known_before(void **state)
{
	float *frames = noise(70000);

	(void)state;
	assert_int_equal(peaks_size(36000ull * 44100), 24 + 2 * 6201563ull);
	for (size_t count = 0; count < 70000; count += count < 520 ? 1 : 9999) {
		struct file file = make(frames, 1, count, count, 0);

		assert_int_equal(file.size, peaks_size(count));
		free(file.bytes);
	}
	free(frames);
}

static void cuts_make_no_difference(void **state)
{
	static const size_t cuts[] = {1, 3, 255, 256, 257, 4096, 44100};
	const size_t count = 50000;
	float *frames = noise(count * 2);
	struct file whole = make(frames, 2, count, count, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		struct file file = make(frames, 2, count, count, cuts[i]);

		assert_int_equal(file.size, whole.size);
		assert_memory_equal(file.bytes, whole.bytes, whole.size);
		free(file.bytes);
	}
	free(whole.bytes);
	free(frames);
}

/* A decoder may find fewer samples, or more, than the head of a file says. */
static void the_size_holds_whatever_is_fed(void **state)
{
	float *frames = noise(3000);
	struct file less = make(frames, 1, 300, 3000, 0);
	struct file more = make(frames, 1, 3000, 300, 0);

	(void)state;
	assert_int_equal(less.size, peaks_size(3000));
	assert_int_not_equal(less.bytes[24 + 3], 0); /* 44 samples */
	for (size_t i = 24 + 4; i < less.size; i++)
		assert_int_equal(less.bytes[i], 0);
	assert_int_equal(more.size, peaks_size(300));
	free(less.bytes);
	free(more.bytes);
	free(frames);
}

static int refuse(void *context, const uint8_t *bytes, size_t size)
{
	(void)context, (void)bytes, (void)size;
	return -EPIPE;
}

static void a_writer_s_error_comes_back(void **state)
{
	static float frames[256 * 5000];
	struct pass_config config = {
		.rate = 1,
		.channels = 1,
		.samples = 256 * 5000,
		.write_peaks = refuse,
	};
	void *peaks;

	(void)state;
	assert_int_equal(measure_peaks.create(&config, &peaks), 0);
	assert_int_equal(measure_peaks.feed(peaks, frames, 256 * 5000), -EPIPE);
	measure_peaks.free(peaks);
	config.samples = UINT64_MAX;
	assert_int_equal(measure_peaks.create(&config, &peaks), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_says_what_follows),
		cmocka_unit_test(values_are_those_of_a_plain_reading),
		cmocka_unit_test(extremes_are_kept_and_clipped),
		cmocka_unit_test(floats_are_scaled_as_audiowaveform_does),
		cmocka_unit_test(opposite_channels_are_silence),
		cmocka_unit_test(the_size_is_known_before),
		cmocka_unit_test(cuts_make_no_difference),
		cmocka_unit_test(the_size_holds_whatever_is_fed),
		cmocka_unit_test(a_writer_s_error_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
