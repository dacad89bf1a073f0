/*
 * The fundamental frequency: A. de Cheveigne and H. Kawahara, "YIN, a
 * fundamental frequency estimator for speech and music", JASA 111(4), 2002.
 *
 * Takes 22.05 kHz, mono.
 *
 * A frame of 1024 samples every 1024. The difference function (equation 6) is
 * made of energies and a correlation:
 *
 *   d(lag) = e(0) + e(lag) - 2 r(lag),  r(lag) = sum over WINDOW of x(j)
 * x(j+lag)
 *
 * and r by Fourier transforms of the frame and of its first WINDOW samples:
 * with WINDOW + LONGEST = 1024 nothing wraps around.
 */
#include "analysis/measure.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "base/cleanup.h"

#include <math.h>
#include <string.h>

#define RATE ((double)MEASURES_MONO_RATE)
#define LOWEST 65.0 /* Hz */
#define HIGHEST 2093.0
#define THRESHOLD 0.15f /* of the normalized difference; the paper has 0.1 */
#define QUIET 1e-8f	/* mean square: 80 dB below full scale is no voice */

enum { SIZE = 1024, LONGEST = 342, WINDOW = SIZE - LONGEST, SHORTEST = 9 };

struct pitch {
	struct frames *frames;
	struct fft *fft;
	double sum; /* of the voiced frames' frequencies */
	double squares;
	size_t voiced;
	float head[SIZE]; /* WINDOW samples, then zeros */
	float correlation[SIZE];
	float difference[LONGEST + 1];
	struct fft_bin bins[SIZE / 2 + 1];
	struct fft_bin head_bins[SIZE / 2 + 1];
};

static void correlate(struct pitch *pitch, const float *frame)
{
	memcpy(pitch->head, frame, WINDOW * sizeof(*frame));
	fft_bins(pitch->fft, frame, pitch->bins);
	fft_bins(pitch->fft, pitch->head, pitch->head_bins);
	for (size_t k = 0; k <= SIZE / 2; k++) {
		struct fft_bin a = pitch->bins[k];
		struct fft_bin b = pitch->head_bins[k];

		pitch->bins[k].re = a.re * b.re + a.im * b.im;
		pitch->bins[k].im = a.im * b.re - a.re * b.im;
	}
	fft_samples(pitch->fft, pitch->bins, pitch->correlation);
}

/* Divided by its mean up to the lag (equation 8). */
static void make_difference(struct pitch *pitch, const float *frame,
			    double energy)
{
	double here = energy, sum = 0;

	pitch->difference[0] = 1;
	for (size_t lag = 1; lag <= LONGEST; lag++) {
		double in = frame[lag + WINDOW - 1], out = frame[lag - 1];
		double d;

		here += in * in - out * out;
		d = fmax(0, energy + here - 2.0 * pitch->correlation[lag]);
		sum += d;
		pitch->difference[lag] =
			sum > 0 ? (float)(d * (double)lag / sum) : 1;
	}
}

/* The place of the minimum of a parabola through three values. */
static double refine(const float *values, size_t at)
{
	double a = values[at - 1], b = values[at], c = values[at + 1];
	double bend = a - 2 * b + c;

	return (double)at + (bend > 0 ? 0.5 * (a - c) / bend : 0);
}

/* The first dip below the threshold (step 4); 0: not voiced. */
static double find_dip(const struct pitch *pitch)
{
	const float *d = pitch->difference;
	size_t lag = SHORTEST;

	while (lag < LONGEST && d[lag] >= THRESHOLD)
		lag++;
	while (lag + 1 < LONGEST && d[lag + 1] < d[lag])
		lag++;
	if (lag + 1 > LONGEST)
		return 0;
	return RATE / refine(d, lag);
}

static int take_pitch_frame(void *context, const float *frame)
{
	struct pitch *pitch = context;
	double energy = 0, frequency;

	for (size_t i = 0; i < WINDOW; i++)
		energy += (double)frame[i] * frame[i];
	/* Not what a decoder may give for a broken file, either. */
	if (!(energy > QUIET * WINDOW && energy < 1e20))
		return 0;
	correlate(pitch, frame);
	make_difference(pitch, frame, energy);
	frequency = find_dip(pitch);
	if (!(frequency >= LOWEST && frequency <= HIGHEST))
		return 0;
	pitch->sum += frequency;
	pitch->squares += frequency * frequency;
	pitch->voiced++;
	return 0;
}

static void pitch_free(void *state)
{
	struct pitch *pitch = state;

	if (!pitch)
		return;
	frames_free(pitch->frames);
	fft_free(pitch->fft);
	free(pitch);
}

static int pitch_create(const struct pass_config *config, void **created)
{
	struct pitch *pitch = calloc(1, sizeof(*pitch));
	int error;

	(void)config;
	if (!pitch)
		return -ENOMEM;
	error = fft_create(SIZE, &pitch->fft);
	if (!error)
		error = frames_create(SIZE, SIZE, 0, take_pitch_frame, pitch,
				      &pitch->frames);
	if (error) {
		pitch_free(pitch);
		return error;
	}
	*created = pitch;
	return 0;
}

static int pitch_feed(void *state, const float *samples, size_t count)
{
	struct pitch *pitch = state;

	return frames_feed(pitch->frames, samples, count, 1);
}

/*
 * Sets pitch_stability = 1 / (1 + 10 CV) of the fundamental frequencies, 65 to
 * 2093 Hz, of the voiced frames; 0 with fewer than two of them.
 */
static int pitch_finish(void *state, const struct findings *findings)
{
	struct pitch *pitch = state;
	struct measures *measures = findings->measures;
	double n = (double)pitch->voiced, mean, variance;

	measures->dimensions[DIM_PITCH_STABILITY] = 0;
	/* The frame that the stream's end has cut is left out. */
	if (pitch->voiced < 2)
		return 0;
	mean = pitch->sum / n;
	variance = fmax(0, pitch->squares / n - mean * mean);
	measures->dimensions[DIM_PITCH_STABILITY] =
		(float)(1 / (1 + 10 * sqrt(variance) / mean));
	return 0;
}

const struct measure measure_pitch = {
	.mono = true,
	.create = pitch_create,
	.feed = pitch_feed,
	.finish = pitch_finish,
	.free = pitch_free,
};
