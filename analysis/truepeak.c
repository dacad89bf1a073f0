/*
 * The signal at `factor` times its rate is `factor` signals at its own, one a
 * phase:
 *
 *   y[n * factor + p] = sum over t of h[p][t] * x[n + t],  t = 0 .. taps - 1
 *
 * Phase 0 is x itself. Samples are taken by blocks of one channel; a block is
 * passed over when its greatest sample times the filters' greatest gain is
 * no more than the peak so far, which on music spares much of the work.
 */
#include "analysis/truepeak.h"

#include "base/cleanup.h"

#include <math.h>
#include <string.h>

enum {
	TAPS = 49, /* at the high rate */
	MOST_PHASES = 4,
	MOST_TAPS = TAPS / 2, /* of one phase, when there are two */
	BLOCK = 256,
};

struct channel {
	size_t filled; /* of x */
	float x[MOST_TAPS + BLOCK];
};

struct truepeak {
	uint32_t channels;
	unsigned phases;
	unsigned taps;
	float gain; /* no phase makes more of full scale */
	float taps_of[MOST_PHASES][MOST_TAPS];
	float samples; /* the peak of the samples, */
	float between; /* and with what is between them */
	struct channel channel[];
};

static double tap(unsigned phases, int j)
{
	double x = M_PI * (j - TAPS / 2) / phases;
	double window = 0.5 - 0.5 * cos(2 * M_PI * j / (TAPS - 1));

	return x != 0 ? window * sin(x) / x : window;
}

/* Tap t of phase p is tap p + (taps - 1 - t) * phases of the whole. */
static void design(struct truepeak *truepeak)
{
	unsigned phases = truepeak->phases;

	truepeak->taps = phases > 1 ? (TAPS - 1) / phases : 1;
	truepeak->gain = 1;
	for (unsigned p = 1; p < phases; p++) {
		double gain = 0;

		for (unsigned t = 0; t < truepeak->taps; t++) {
			unsigned j = p + (truepeak->taps - 1 - t) * phases;
			double h = tap(phases, (int)j);

			truepeak->taps_of[p][t] = (float)h;
			gain += fabs(h);
		}
		if (gain > truepeak->gain)
			truepeak->gain = (float)gain;
	}
}

int truepeak_create(uint32_t rate, uint32_t channels, struct truepeak **created)
{
	struct truepeak *truepeak;

	truepeak = calloc(1, sizeof(*truepeak) +
				     channels * sizeof(truepeak->channel[0]));
	if (!truepeak)
		return -ENOMEM;
	truepeak->channels = channels;
	truepeak->phases = rate < 96000 ? 4 : rate < 192000 ? 2 : 1;
	design(truepeak);
	for (uint32_t c = 0; c < channels; c++)
		truepeak->channel[c].filled = truepeak->taps - 1;
	*created = truepeak;
	return 0;
}

void truepeak_free(struct truepeak *truepeak)
{
	free(truepeak);
}

/* Eight at a time: without an order to keep, they go into vectors. */
static float greatest(const float *x, size_t count)
{
	float most[8] = {0};
	size_t i = 0;

	for (; i + 8 <= count; i += 8) {
		for (unsigned k = 0; k < 8; k++) {
			float size = fabsf(x[i + k]);

			most[k] = most[k] > size ? most[k] : size;
		}
	}
	for (; i < count; i++)
		most[0] = fmaxf(most[0], fabsf(x[i]));
	for (unsigned k = 1; k < 8; k++)
		most[0] = fmaxf(most[0], most[k]);
	return most[0];
}

static void interpolate(const float *x, const float *taps, unsigned count,
			float *restrict y)
{
	memset(y, 0, BLOCK * sizeof(*y));
	for (unsigned t = 0; t < count; t += 4) {
		float a = taps[t], b = taps[t + 1];
		float c = taps[t + 2], d = taps[t + 3];

		for (unsigned i = 0; i < BLOCK; i++)
			y[i] += a * x[i + t] + b * x[i + t + 1] +
				c * x[i + t + 2] + d * x[i + t + 3];
	}
}

/* The first taps - 1 samples are the end of the block before. */
static void take_block(struct truepeak *truepeak, struct channel *channel)
{
	unsigned before = truepeak->taps - 1;
	float here = greatest(channel->x + before, BLOCK);
	float most = fmaxf(here, greatest(channel->x, before));
	float y[BLOCK];

	truepeak->samples = fmaxf(truepeak->samples, here);
	truepeak->between = fmaxf(truepeak->between, here);
	for (unsigned p = 1; p < truepeak->phases; p++) {
		if (most * truepeak->gain <= truepeak->between)
			break;
		interpolate(channel->x, truepeak->taps_of[p], truepeak->taps,
			    y);
		truepeak->between =
			fmaxf(truepeak->between, greatest(y, BLOCK));
	}
	memmove(channel->x, channel->x + BLOCK, before * sizeof(float));
	channel->filled = before;
}

/* `samples` NULL: silence. */
static void take_channel(struct truepeak *truepeak, struct channel *channel,
			 const float *samples, size_t count)
{
	while (count > 0) {
		size_t room = truepeak->taps - 1 + BLOCK - channel->filled;
		size_t n = count < room ? count : room;
		float *to = channel->x + channel->filled;

		for (size_t i = 0; i < n; i++)
			to[i] = samples ? samples[i * truepeak->channels] : 0;
		channel->filled += n;
		if (n == room)
			take_block(truepeak, channel);
		if (samples)
			samples += n * truepeak->channels;
		count -= n;
	}
}

void truepeak_feed(struct truepeak *truepeak, const float *frames, size_t count)
{
	for (uint32_t c = 0; c < truepeak->channels; c++)
		take_channel(truepeak, &truepeak->channel[c], frames + c,
			     count);
}

/* Fills the last block, which has the filter's end then too. */
void truepeak_finish(struct truepeak *truepeak)
{
	for (uint32_t c = 0; c < truepeak->channels; c++)
		take_channel(truepeak, &truepeak->channel[c], NULL,
			     BLOCK + truepeak->taps);
}

float truepeak_of_samples(const struct truepeak *truepeak)
{
	return truepeak->samples;
}

float truepeak_between(const struct truepeak *truepeak)
{
	return truepeak->between;
}
