/*
 * See rhythm.h for what is measured. The flux is kept, and low-passed once all
 * of it is there.
 *
 * The logarithm's argument is relative to the loudest partial of the last
 * seconds: the same music at another level gives the same flux.
 */
#include "analysis/measure.h"
#include "analysis/rhythm.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "base/cleanup.h"
#include "base/grow.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The paper's filter has 15 taps at twice this rate. */
enum { SIZE = 512, BINS = SIZE / 2 + 1, TAPS = 7 };

enum { NEAR = 5, AROUND = 86 }; /* 30 ms, half a second */
enum { STRETCH = 689 };		/* 4 s */
#define ABOVE_MEAN 1.5
#define ABOVE_MEDIAN 0.3f /* of the way to the 97th percentile */
#define SMALLEST 0.003
#define CUTOFF 7.0 /* Hz */
#define STRENGTH 200.0f
#define FORGET 0.99884f /* of the loudest, each frame: 1/e in 5 s */
#define QUIETEST 1e-4f	/* magnitude */

struct onsets {
	const struct pass_config *config;
	struct frames *frames;
	struct fft *fft;
	float *strength;
	size_t count;
	float power[BINS];
	float before[BINS]; /* logarithms of the frame before */
	float loudest;	    /* magnitude, of the last seconds */
};

/* What a decoder may give for a broken file must not spread. */
static float sane(float value)
{
	return value >= 0 && value < 1e30f ? value : 0;
}

/* A full-scale sine has the magnitude 1. In place of the power. */
static void make_magnitudes(struct onsets *onsets)
{
	float loudest = fmaxf(QUIETEST, FORGET * onsets->loudest);

	for (size_t k = 0; k < BINS; k++) {
		float m = 4.0f / SIZE * sqrtf(sane(onsets->power[k]));

		onsets->power[k] = m;
		loudest = fmaxf(loudest, m);
	}
	onsets->loudest = loudest;
}

/* Mean over the bins of what they have grown. */
static float flux(struct onsets *onsets)
{
	float scale, sum = 0;

	make_magnitudes(onsets);
	scale = STRENGTH / onsets->loudest;
	for (size_t k = 0; k < BINS; k++) {
		float now = logf(1 + scale * onsets->power[k]);

		if (now > onsets->before[k])
			sum += now - onsets->before[k];
		onsets->before[k] = now;
	}
	return sum / BINS;
}

static int take_onset_frame(void *context, const float *frame)
{
	struct onsets *onsets = context;

	if (!grow(onsets->strength, onsets->count))
		return -ENOMEM;
	fft_power_hann(onsets->fft, frame, onsets->power);
	onsets->strength[onsets->count++] = flux(onsets);
	return 0;
}

static void onsets_free(void *state)
{
	struct onsets *onsets = state;

	if (!onsets)
		return;
	frames_free(onsets->frames);
	fft_free(onsets->fft);
	free(onsets->strength);
	free(onsets);
}

static int onsets_create(const struct pass_config *config, void **created)
{
	struct onsets *onsets = calloc(1, sizeof(*onsets));
	int error;

	if (!onsets)
		return -ENOMEM;
	onsets->config = config;
	error = fft_create(SIZE, &onsets->fft);
	if (!error)
		error = frames_create(SIZE, ONSETS_HOP, SIZE / 2,
				      take_onset_frame, onsets,
				      &onsets->frames);
	if (error) {
		onsets_free(onsets);
		return error;
	}
	*created = onsets;
	return 0;
}

static int onsets_feed(void *state, const float *samples, size_t count)
{
	struct onsets *onsets = state;

	return frames_feed(onsets->frames, samples, count, 1);
}

/* A windowed sinc of sum 1 (Hamming window). */
static void design(float taps[TAPS])
{
	double sum = 0;

	for (int i = 0; i < TAPS; i++) {
		double x = 2 * CUTOFF / ONSETS_RATE * (i - TAPS / 2);
		double sinc = x == 0 ? 1 : sin(M_PI * x) / (M_PI * x);

		taps[i] =
			(float)(sinc *
				(0.54 - 0.46 * cos(2 * M_PI * i / (TAPS - 1))));
		sum += taps[i];
	}
	for (int i = 0; i < TAPS; i++)
		taps[i] = (float)(taps[i] / sum);
}

/* In place, centered: the values that are overwritten are kept in `ring`. */
static void smooth(float *values, size_t count)
{
	float taps[TAPS];
	float ring[TAPS] = {0};

	design(taps);
	for (size_t i = 0; i < count + TAPS / 2; i++) {
		float sum = 0;

		memmove(ring, ring + 1, (TAPS - 1) * sizeof(*ring));
		ring[TAPS - 1] = i < count ? values[i] : 0;
		for (int k = 0; k < TAPS; k++)
			sum += taps[k] * ring[k];
		if (i >= TAPS / 2)
			values[i - TAPS / 2] = sum;
	}
}

static bool is_largest(const float *values, size_t count, size_t at)
{
	size_t first = at > NEAR ? at - NEAR : 0;
	size_t last = at + NEAR < count ? at + NEAR : count - 1;

	/* of equal ones the first counts */
	for (size_t i = first; i <= last; i++) {
		if (values[i] > values[at] ||
		    (i < at && values[i] == values[at]))
			return false;
	}
	return true;
}

static size_t count_onsets(const float *values, size_t count)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < count && i < AROUND; i++)
		sum += values[i];
	for (size_t i = 0; i < count; i++) {
		double mean;

		if (i + AROUND < count)
			sum += values[i + AROUND];
		if (i > AROUND)
			sum -= values[i - AROUND - 1];
		mean = sum / (2 * AROUND + 1);
		if (values[i] > SMALLEST && values[i] > ABOVE_MEAN * mean &&
		    is_largest(values, count, i))
			n++;
	}
	return n;
}

static int ascending(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What counts as an event in a stretch of the signal is above this. */
static float threshold_of(const float *values, size_t count)
{
	float sorted[STRETCH], median, loud;

	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), ascending);
	median = sorted[count / 2];
	loud = sorted[(size_t)(0.97 * (double)count)];
	return fmaxf(SMALLEST, median + ABOVE_MEDIAN * (loud - median));
}

double onsets_events(const float *strength, size_t count)
{
	size_t n = 0;

	for (size_t begin = 0; begin < count; begin += STRETCH) {
		size_t end = begin + STRETCH < count ? begin + STRETCH : count;
		float least = threshold_of(strength + begin, end - begin);

		for (size_t i = begin; i < end; i++)
			n += strength[i] > least &&
			     is_largest(strength, count, i);
	}
	return count > 0 ? (double)n * ONSETS_RATE / (double)count : 0;
}

/* Tempo and beats: some seconds for ten hours. */
static int find_rhythm(const struct onsets *onsets, struct measures *measures)
{
	int error;

	measure_alive(onsets->config);
	error = tempo_find(onsets->strength, onsets->count, measures);
	measure_alive(onsets->config);
	return error ? error
		     : beats_find(onsets->strength, onsets->count, measures);
}

/*
 * Sets what tempo and beats do, and transient_density: onsets per second / 10,
 * at most
 * 1. An onset is a value of the OSS that is the largest within 30 ms, and above
 * 1.5 times the mean of the second around it and 0.003 (after S. Boeck, F.
 * Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
 * methods", ISMIR 2012, section 2.3).
 */
static int onsets_finish(void *state, const struct findings *findings)
{
	struct onsets *onsets = state;
	struct measures *measures = findings->measures;
	double seconds;
	double density = 0;

	/* Out of memory here: the last frames are missing, no more. */
	(void)frames_finish(onsets->frames);
	smooth(onsets->strength, onsets->count);
	seconds = (double)onsets->count / ONSETS_RATE;
	if (seconds > 0)
		density =
			(double)count_onsets(onsets->strength, onsets->count) /
			fmax(seconds, 1) / 10;
	measures->dimensions[DIM_TRANSIENT_DENSITY] = (float)fmin(density, 1);
	return find_rhythm(onsets, measures);
}

const struct measure measure_onsets = {
	.mono = true,
	.create = onsets_create,
	.feed = onsets_feed,
	.finish = onsets_finish,
	.free = onsets_free,
};
