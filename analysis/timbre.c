/*
 * The color of the sound, of one channel at 22.05 kHz. Frames of 2048 samples,
 * one every 512, under a Hann window: librosa's, and so are the formulas
 * (McFee et al. 2015), with the median over frames. Frames of digital silence
 * have no color and are left out.
 *
 *   centroid   sum of f |X(f)| / sum of |X(f)|; the dimension is / 8 kHz
 *   rolloff    the lowest f with 85 % of the sum of |X(f)| at or below it;
 *              the dimension is / 10 kHz
 *   flatness   geometric mean / mean of |X(f)|^2 (Johnston 1988), -100 dB and
 *              below is 0
 *   zero_crossing_rate  changes of sign / (samples - 1); 0 is positive
 *
 * Dimensions end at 1, also where the frequency lies above their divisor.
 *
 * Each frame gives three numbers; only their histograms are kept: centroid and
 * rolloff by 1 Hz, flatness by 0.01 dB.
 */
#include "analysis/measure.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "analysis/histogram.h"
#include "analysis/sidecars/number.h"
#include "base/cleanup.h"

#include <stdbool.h>

enum {
	SIZE = 2048,
	HOP = 512,
	BINS = SIZE / 2 + 1,
	ROUND = 5, /* factors between two logarithms; divides BINS */
	HIGHEST = MEASURES_MONO_RATE / 2,
};

#define ROLLOFF 0.85f
#define CENTROID_SCALE 8e3 /* Hz */
#define ROLLOFF_SCALE 10e3
#define FLATTEST (-100.0) /* dB: flatness 0 */
#define LOWEST (-200.0)	  /* dBFS */

struct timbre {
	struct fft *fft;
	struct frames *frames;
	float sizes[BINS]; /* |X|^2 of a frame, then |X| */

	struct histogram *centroid;
	struct histogram *rolloff;
	struct histogram *flatness;

	uint64_t samples;
	uint64_t crossings;
	bool negative; /* the last sample */
};

/* Eight sums side by side go into vectors; their order is always the same. */
static double mean_square(const float *x)
{
	float sums[8] = {0};
	double sum = 0;

	for (unsigned i = 0; i < SIZE; i += 8) {
		for (unsigned k = 0; k < 8; k++)
			sums[k] += x[i + k] * x[i + k];
	}
	for (unsigned k = 0; k < 8; k++)
		sum += (double)sums[k];
	return sum / SIZE;
}

/* In dB. `least` keeps a product of ROUND powers within a double. */
static double flatness_of(const float *power)
{
	const float least = 1e-30f, most = 1e30f;
	double sum = 0, logs = 0;

	for (unsigned k = 0; k < BINS; k += ROUND) {
		double product = 1;

		for (unsigned i = k; i < k + ROUND; i++) {
			float x = power[i] > least ? power[i] : least;

			x = x < most ? x : most;
			product *= (double)x;
			sum += (double)x;
		}
		logs += log10(product);
	}
	return 10 * (logs / BINS - log10(sum / BINS));
}

static double centroid_of(const float *sizes, float *total)
{
	float sum = 0, weighted = 0;

	for (unsigned k = 0; k < BINS; k++) {
		sum += sizes[k];
		weighted += (float)k * sizes[k];
	}
	*total = sum;
	return (double)weighted / (double)sum * MEASURES_MONO_RATE / SIZE;
}

static double rolloff_of(const float *sizes, float total)
{
	float sum = 0;
	unsigned k = 0;

	while (k < BINS - 1) {
		sum += sizes[k];
		if (sum >= ROLLOFF * total)
			break;
		k++;
	}
	return (double)k * MEASURES_MONO_RATE / SIZE;
}

static int add_frame(void *context, const float *frame)
{
	struct timbre *timbre = context;
	float *sizes = timbre->sizes, total;
	double level = decibels(mean_square(frame), LOWEST);
	double centroid;

	if (level <= LOWEST)
		return 0;
	fft_power_hann(timbre->fft, frame, sizes);
	histogram_add(timbre->flatness, flatness_of(sizes));
	for (unsigned k = 0; k < BINS; k++)
		sizes[k] = sqrtf(sizes[k]);
	centroid = centroid_of(sizes, &total);
	histogram_add(timbre->centroid, centroid);
	histogram_add(timbre->rolloff, rolloff_of(sizes, total));
	return 0;
}

static int allocate_timbre(struct timbre *timbre)
{
	int error = fft_create(SIZE, &timbre->fft);

	if (!error)
		error = frames_create(SIZE, HOP, SIZE / 2, add_frame, timbre,
				      &timbre->frames);
	if (!error)
		error = histogram_create(0, HIGHEST, HIGHEST,
					 &timbre->centroid);
	if (!error)
		error = histogram_create(0, HIGHEST, HIGHEST, &timbre->rolloff);
	if (!error)
		error = histogram_create(FLATTEST, 0, 10000, &timbre->flatness);
	return error;
}

static void timbre_free(void *state)
{
	struct timbre *timbre = state;

	if (!timbre)
		return;
	fft_free(timbre->fft);
	frames_free(timbre->frames);
	histogram_free(timbre->centroid);
	histogram_free(timbre->rolloff);
	histogram_free(timbre->flatness);
	free(timbre);
}

static int timbre_create(const struct pass_config *config, void **created)
{
	struct timbre *timbre = calloc(1, sizeof(*timbre));
	int error;

	(void)config;
	if (!timbre)
		return -ENOMEM;
	error = allocate_timbre(timbre);
	if (error) {
		timbre_free(timbre);
		return error;
	}
	*created = timbre;
	return 0;
}

static int timbre_feed(void *state, const float *samples, size_t count)
{
	struct timbre *timbre = state;
	bool negative = timbre->negative;
	uint64_t crossings = 0;

	if (timbre->samples == 0 && count > 0)
		negative = samples[0] < 0;
	for (size_t i = 0; i < count; i++) {
		bool now = samples[i] < 0;

		crossings += now != negative;
		negative = now;
	}
	timbre->negative = negative;
	timbre->crossings += crossings;
	timbre->samples += count;
	return frames_feed(timbre->frames, samples, count, 1);
}

/*
 * Fills the three spectral dimensions, both frequencies in Hz and the zero
 * crossing rate.
 */
static int timbre_finish(void *state, const struct findings *findings)
{
	struct timbre *timbre = state;
	struct measures *measures = findings->measures;
	float *dimensions = measures->dimensions;
	double pairs = (double)timbre->samples - 1;
	double centroid, rolloff, flatness;

	frames_finish(timbre->frames);
	centroid = histogram_quantile(timbre->centroid, 0.5);
	rolloff = histogram_quantile(timbre->rolloff, 0.5);
	flatness = histogram_quantile(timbre->flatness, 0.5);
	if (histogram_count(timbre->flatness) == 0)
		flatness = FLATTEST;
	measures->spectral_centroid_hz = bounded(centroid, 0, HIGHEST);
	measures->spectral_rolloff_hz = bounded(rolloff, 0, HIGHEST);
	measures->zero_crossing_rate =
		pairs > 0 ? bounded((double)timbre->crossings / pairs, 0, 1)
			  : 0;
	dimensions[DIM_SPECTRAL_CENTROID] =
		bounded(centroid / CENTROID_SCALE, 0, 1);
	dimensions[DIM_SPECTRAL_ROLLOFF] =
		bounded(rolloff / ROLLOFF_SCALE, 0, 1);
	dimensions[DIM_SPECTRAL_FLATNESS] =
		flatness > FLATTEST + 0.01
			? bounded(pow(10, flatness / 10), 0, 1)
			: 0;
	return 0;
}

const struct measure measure_timbre = {
	.mono = true,
	.create = timbre_create,
	.feed = timbre_feed,
	.finish = timbre_finish,
	.free = timbre_free,
};
