/* See peaks.h for the format. Memory: one buffer, whatever the length. */
#include "analysis/peaks.h"
#include "analysis/measure.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

enum { VERSION = 2, FLAG_8_BITS = 1, BUFFER = 8192 };

struct peaks {
	unsigned channels;
	bool whole;    /* samples of so many bits, not floats */
	uint64_t left; /* pixels to come */
	peaks_write *write;
	void *context;

	/* the pixel in hand */
	int least;
	int greatest;
	size_t frames;

	size_t filled;
	uint8_t buffer[BUFFER]; /* even, as are the head and each pixel */
};

static void begin_pixel(struct peaks *peaks)
{
	peaks->least = INT_MAX;
	peaks->greatest = INT_MIN;
	peaks->frames = 0;
}

static void put_word(struct peaks *peaks, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		peaks->buffer[peaks->filled++] = (uint8_t)(value >> 8 * i);
}

static void peaks_free(void *state)
{
	free(state);
}

static int peaks_create(const struct pass_config *config, void **created)
{
	struct peaks *peaks;

	if (peaks_pixels(config->samples) > UINT32_MAX)
		return -EFBIG;
	peaks = calloc(1, sizeof(*peaks));
	if (!peaks)
		return -ENOMEM;
	peaks->channels = config->channels;
	peaks->whole = config->bits > 0;
	peaks->left = peaks_pixels(config->samples);
	peaks->write = config->write_peaks;
	peaks->context = config->context;
	begin_pixel(peaks);
	put_word(peaks, VERSION);
	put_word(peaks, FLAG_8_BITS);
	put_word(peaks, config->rate);
	put_word(peaks, PEAKS_PER_PIXEL);
	put_word(peaks, (uint32_t)peaks->left);
	put_word(peaks, 1);
	*created = peaks;
	return 0;
}

static int flush(struct peaks *peaks)
{
	size_t size = peaks->filled;

	peaks->filled = 0;
	return size > 0 ? peaks->write(peaks->context, peaks->buffer, size) : 0;
}

static int end_pixel(struct peaks *peaks)
{
	bool empty = peaks->frames == 0;

	peaks->buffer[peaks->filled++] =
		(uint8_t)(empty ? 0 : peaks->least / 256);
	peaks->buffer[peaks->filled++] =
		(uint8_t)(empty ? 0 : peaks->greatest / 256);
	peaks->left--;
	begin_pixel(peaks);
	return peaks->filled == BUFFER ? flush(peaks) : 0;
}

/*
 * The upper 16 bits of whole samples of any width, as libsndfile hands them to
 * audiowaveform. Without branches, so that the compiler does several at once.
 */
static inline int to_16_bits(float sample)
{
	float scaled = sample * 32768;
	int whole;

	scaled = scaled == scaled ? scaled : 0; /* not a number */
	scaled = scaled < 32767 ? scaled : 32767;
	scaled = scaled > -32768 ? scaled : -32768;
	whole = (int)scaled;
	return whole - ((float)whole > scaled);
}

/* Floats as audiowaveform scales them itself: cut towards 0. */
static inline int float_to_16_bits(float sample)
{
	float scaled = sample * 32767;

	scaled = scaled == scaled ? scaled : 0;
	scaled = scaled < 32767 ? scaled : 32767;
	return (int)(scaled > -32768 ? scaled : -32768);
}

/*
 * Inlined for floats, and for whole samples of one channel and of two, where
 * the loops and divisions vanish.
 */
static inline void take(struct peaks *peaks, const float *frames, size_t count,
			bool whole, unsigned channels)
{
	int least = peaks->least, greatest = peaks->greatest;

	for (size_t i = 0; i < count; i++, frames += channels) {
		int sum = 0;

		for (unsigned c = 0; c < channels; c++)
			sum += whole ? to_16_bits(frames[c])
				     : float_to_16_bits(frames[c]);
		sum /= (int)channels;
		least = sum < least ? sum : least;
		greatest = sum > greatest ? sum : greatest;
	}
	peaks->least = least;
	peaks->greatest = greatest;
	peaks->frames += count;
}

static void take_any(struct peaks *peaks, const float *frames, size_t count)
{
	unsigned channels = peaks->channels;

	if (!peaks->whole)
		take(peaks, frames, count, false, channels);
	else if (channels == 1)
		take(peaks, frames, count, true, 1);
	else if (channels == 2)
		take(peaks, frames, count, true, 2);
	else
		take(peaks, frames, count, true, channels);
}

static int peaks_feed(void *state, const float *frames, size_t count)
{
	struct peaks *peaks = state;
	int error = 0;

	while (count > 0 && peaks->left > 0 && !error) {
		size_t room = PEAKS_PER_PIXEL - peaks->frames;
		size_t part = count < room ? count : room;

		take_any(peaks, frames, part);
		frames += part * peaks->channels;
		count -= part;
		if (part == room)
			error = end_pixel(peaks);
	}
	return error;
}

/*
 * Writes the rest: exactly peaks_size(samples) bytes in all, whatever was fed.
 * What is missing is 0, what was too much is left out.
 */
static int peaks_finish(void *state, const struct findings *findings)
{
	struct peaks *peaks = state;
	int error = 0;

	(void)findings;
	while (peaks->left > 0 && !error)
		error = end_pixel(peaks);
	return error ? error : flush(peaks);
}

const struct measure measure_peaks = {
	.draws = true,
	.create = peaks_create,
	.feed = peaks_feed,
	.finish = peaks_finish,
	.free = peaks_free,
};
