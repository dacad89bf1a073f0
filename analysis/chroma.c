/*
 * Which of the twelve pitch classes sound, of spectral peaks with logarithmic
 * compression: E. Gomez, "Tonal description of music audio signals" (PhD
 * thesis, UPF 2006, chapter 3) for peaks and tuning, M. Mueller, "Fundamentals
 * of Music Processing" (Springer 2015, section 3.1.2) for the compression.
 *
 * Takes 22.05 kHz, mono.
 *
 * An octave has 120 steps of 10 cents. Peaks are added up in these, so that at
 * the end it can be seen how the track is tuned: where, within a semitone, most
 * of it lies. Then they are folded to 12.
 */
#include "analysis/measure.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "analysis/tonality.h"
#include "base/cleanup.h"

#include <math.h>
#include <string.h>

#define RATE ((double)MEASURES_MONO_RATE)
#define LOWEST 60.0 /* Hz */
#define HIGHEST 2100.0
#define STRENGTH                                                               \
	30.0f	    /* of the compression: ln(1 + STRENGTH m / largest m)      \
		     */
#define QUIET 1e-4f /* magnitude: a frame below it is silent */
#define BELOW_LOUDEST 0.01f /* of the frame */
#define WEAKER 0.6f	    /* each partial than the one below it */

enum { SIZE = 8192, HOP = 4096, BINS = SIZE / 2 + 1 };
enum { CLASSES = 12, STEPS = 10, OCTAVE = CLASSES * STEPS };
enum { TWELFTH = 19 * STEPS }; /* to the third partial, within 2 cents */

struct chroma {
	struct frames *frames;
	struct fft *fft;
	double total[OCTAVE];
	double energy; /* sum over the frames */
	size_t count;  /* frames that are not silent */
	size_t first;  /* bins that are looked at */
	size_t last;
	float power[BINS];
	float magnitude[BINS];
	float here[OCTAVE];    /* of peaks */
	float implied[OCTAVE]; /* of what they may be partials of */
};

/* Steps above C of the octave, 0 to OCTAVE; A is 440 Hz. */
static double step_of(double bin)
{
	double octaves = log2(bin * RATE / SIZE / 440) + 9.0 / CLASSES;

	return (octaves - floor(octaves)) * OCTAVE;
}

/* Shared by the two steps beside it. */
static void add_step(float *steps, double step, float weight)
{
	size_t below = (size_t)step;
	float part = (float)(step - (double)below);

	steps[below % OCTAVE] += weight * (1 - part);
	steps[(below + 1) % OCTAVE] += weight * part;
}

/* The top of a parabola through the logarithms of three magnitudes. */
static double top_of(const float *magnitude, size_t k)
{
	double a = log(magnitude[k - 1] + 1e-12);
	double b = log(magnitude[k] + 1e-12);
	double c = log(magnitude[k + 1] + 1e-12);
	double bend = a - 2 * b + c;

	return (double)k + (bend < 0 ? 0.5 * (a - c) / bend : 0);
}

/*
 * A peak is also counted as the second, third and fourth partial of what lies
 * below it. Second and fourth have its own class.
 */
static void add_peak(struct chroma *chroma, double step, float weight)
{
	const float own = 1 + WEAKER + WEAKER * WEAKER * WEAKER;

	add_step(chroma->here, step, weight);
	add_step(chroma->implied, step, weight * own);
	add_step(chroma->implied, step + OCTAVE - TWELFTH % OCTAVE,
		 weight * WEAKER * WEAKER);
}

static void add_peaks(struct chroma *chroma, float largest)
{
	const float *m = chroma->magnitude;
	float floor = BELOW_LOUDEST * largest;

	for (size_t k = chroma->first; k <= chroma->last; k++) {
		if (m[k] > floor && m[k] > m[k - 1] && m[k] >= m[k + 1])
			add_peak(chroma, step_of(top_of(m, k)),
				 logf(1 + STRENGTH * m[k] / largest));
	}
}

/* A full-scale sine has the magnitude 1. Gives the largest. */
static float make_magnitudes(struct chroma *chroma)
{
	float largest = 0;

	for (size_t k = chroma->first - 1; k <= chroma->last + 1; k++) {
		float power = chroma->power[k];

		/* not what a decoder may give for a broken file */
		chroma->magnitude[k] =
			power < 1e20f ? 4.0f / SIZE * sqrtf(power) : 0;
		if (chroma->magnitude[k] > largest)
			largest = chroma->magnitude[k];
	}
	return largest;
}

/* Within half a semitone of a pitch class that is `offset` steps sharp. */
static void fold(const double *steps, int offset, double classes[CLASSES])
{
	for (int c = 0; c < CLASSES; c++) {
		classes[c] = 0;
		for (int i = -STEPS / 2; i < STEPS / 2; i++) {
			int at = c * STEPS + offset + i + OCTAVE;

			classes[c] += steps[at % OCTAVE];
		}
	}
}

static void keep(struct chroma *chroma)
{
	double steps[OCTAVE], classes[CLASSES];
	double sum = 0, largest = 0, implied = 0;

	for (int i = 0; i < OCTAVE; i++) {
		steps[i] = (double)chroma->here[i];
		implied += (double)chroma->implied[i];
	}
	fold(steps, 0, classes);
	for (int c = 0; c < CLASSES; c++) {
		sum += classes[c];
		largest = fmax(largest, classes[c]);
	}
	if (sum <= 0 || largest <= 0)
		return;
	chroma->energy += sum / CLASSES / largest;
	chroma->count++;
	for (int i = 0; i < OCTAVE; i++)
		chroma->total[i] += (double)chroma->implied[i] / implied;
}

static int take_chroma_frame(void *context, const float *frame)
{
	struct chroma *chroma = context;
	float largest;

	fft_power_hann(chroma->fft, frame, chroma->power);
	largest = make_magnitudes(chroma);
	if (largest < QUIET)
		return 0;
	memset(chroma->here, 0, sizeof(chroma->here));
	memset(chroma->implied, 0, sizeof(chroma->implied));
	add_peaks(chroma, largest);
	keep(chroma);
	return 0;
}

static void chroma_free(void *state)
{
	struct chroma *chroma = state;

	if (!chroma)
		return;
	frames_free(chroma->frames);
	fft_free(chroma->fft);
	free(chroma);
}

static int chroma_create(const struct pass_config *config, void **created)
{
	struct chroma *chroma = calloc(1, sizeof(*chroma));
	int error;

	(void)config;
	if (!chroma)
		return -ENOMEM;
	chroma->first = (size_t)(LOWEST * SIZE / RATE);
	chroma->last = (size_t)(HIGHEST * SIZE / RATE);
	error = fft_create(SIZE, &chroma->fft);
	if (!error)
		error = frames_create(SIZE, HOP, SIZE / 2, take_chroma_frame,
				      chroma, &chroma->frames);
	if (error) {
		chroma_free(chroma);
		return error;
	}
	*created = chroma;
	return 0;
}

static int chroma_feed(void *state, const float *samples, size_t count)
{
	struct chroma *chroma = state;

	return frames_feed(chroma->frames, samples, count, 1);
}

/* Steps that the track is sharp of 440 Hz: its mean angle in the semitone. */
static int tuning(const double *steps)
{
	double x = 0, y = 0;

	for (int i = 0; i < OCTAVE; i++) {
		x += steps[i] * cos(2 * M_PI * i / STEPS);
		y += steps[i] * sin(2 * M_PI * i / STEPS);
	}
	return (int)lround(atan2(y, x) / (2 * M_PI) * STEPS);
}

/*
 * The mean over all frames (each of sum 1): C, C sharp, to B, relative to the
 * tuning of the track. All 0 for silence.
 */
static void find_mean(const struct chroma *chroma, float mean[12])
{
	double classes[CLASSES];

	fold(chroma->total, tuning(chroma->total), classes);
	for (int c = 0; c < CLASSES; c++)
		mean[c] = chroma->count
				  ? (float)(classes[c] / (double)chroma->count)
				  : 0;
}

/*
 * Sets the key, and chroma_energy: the mean over the frames that are not silent
 * of the mean of the chroma vector, whose largest entry is scaled to 1. One
 * pitch class alone gives 1/12, a triad about 1/4, all alike 1, silence 0.
 */
static int chroma_finish(void *state, const struct findings *findings)
{
	struct chroma *chroma = state;
	struct measures *measures = findings->measures;
	float mean[CLASSES];

	(void)frames_finish(
		chroma->frames); /* take_chroma_frame() cannot fail */
	measures->dimensions[DIM_CHROMA_ENERGY] =
		chroma->count ? (float)(chroma->energy / (double)chroma->count)
			      : 0;
	find_mean(chroma, mean);
	tonality_find(mean, measures);
	return 0;
}

const struct measure measure_chroma = {
	.mono = true,
	.create = chroma_create,
	.feed = chroma_feed,
	.finish = chroma_finish,
	.free = chroma_free,
};
