/*
 * How much of the sound is tones and how much is strokes: D. FitzGerald,
 * "Harmonic/percussive separation using median filtering", DAFx 2010. The
 * median over time of a bin keeps what lasts, the median over frequency of a
 * frame keeps what is broad.
 *
 * Takes 22.05 kHz, mono; holds 9 spectra.
 *
 * The paper has frames of 4096 every 1024 samples at 44.1 kHz and medians of
 * 17; frames of the same length every 46 ms make it 9 over time for the same
 * 0.4 s. Before and after the stream is silence.
 *
 * Medians are of power, which has the order of magnitude's, and of the upper 16
 * bits of its floats (1 %), which have that order too, as integers: every
 * processor has vector instructions for their minimum and maximum. That makes
 * it some 20 times as fast as with floats (gcc 12, x86-64). LANES bins are
 * sorted at once.
 */
#include "analysis/measure.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "base/cleanup.h"

#include <math.h>
#include <string.h>

enum { SIZE = 2048, HOP = 1024, BINS = SIZE / 2 };
enum { OVER_TIME = 9, OVER_FREQUENCY = 17, LANES = 32 };
enum { MARGIN = OVER_FREQUENCY / 2 };

struct level_spectrum {
	int16_t level[MARGIN + BINS + MARGIN]; /* zeros around it */
};

struct harmonic {
	struct frames *frames;
	struct fft *fft;
	struct level_spectrum ring[OVER_TIME];
	size_t next; /* in the ring */
	double harmonic;
	double percussive;
	float power[BINS + 1];
};

static int16_t level_of(float power)
{
	uint32_t bits;

	/* What a decoder may give for a broken file must not spread. */
	if (!(power < 1e20f))
		return 0;
	memcpy(&bits, &power, sizeof(bits));
	return (int16_t)(bits >> 16);
}

static float power_of(int16_t level)
{
	uint32_t bits = (uint32_t)level << 16;
	float power;

	memcpy(&power, &bits, sizeof(power));
	return power;
}

/* The smaller ones to `low`. */
static inline void exchange(int16_t *restrict low, int16_t *restrict high)
{
	for (int lane = 0; lane < LANES; lane++) {
		int16_t a = low[lane];
		int16_t b = high[lane];

		low[lane] = a < b ? a : b;
		high[lane] = a < b ? b : a;
	}
}

/* The middle one of `count` rows, lane by lane, in rows[count / 2]. */
static inline void sort_half(int16_t rows[][LANES], int count)
{
	for (int i = 0; i <= count / 2; i++) {
		for (int j = i + 1; j < count; j++)
			exchange(rows[i], rows[j]);
	}
}

/* Bins `first` and on of the spectrum in the middle of the ring. */
static void split(struct harmonic *harmonic,
		  const struct level_spectrum *middle, size_t first)
{
	int16_t time[OVER_TIME][LANES];
	int16_t frequency[OVER_FREQUENCY][LANES];
	const int16_t *here = middle->level + MARGIN + first;
	float h = 0, p = 0;

	for (int i = 0; i < OVER_TIME; i++)
		memcpy(time[i], harmonic->ring[i].level + MARGIN + first,
		       sizeof(time[i]));
	for (int i = 0; i < OVER_FREQUENCY; i++)
		memcpy(frequency[i], here + i - MARGIN, sizeof(frequency[i]));
	sort_half(time, OVER_TIME);
	sort_half(frequency, OVER_FREQUENCY);
	for (int i = 0; i < LANES; i++) {
		float lasts = power_of(time[OVER_TIME / 2][i]);
		float broad = power_of(frequency[OVER_FREQUENCY / 2][i]);
		float mask = (lasts + 1e-20f) / (lasts + broad + 2e-20f);
		float power = power_of(here[i]);

		h += mask * mask * power;
		p += (1 - mask) * (1 - mask) * power;
	}
	harmonic->harmonic += h;
	harmonic->percussive += p;
}

/* The newest spectrum is in the ring: the one in the middle can be split. */
static void move_on(struct harmonic *harmonic)
{
	size_t middle =
		(harmonic->next + OVER_TIME - OVER_TIME / 2) % OVER_TIME;

	for (size_t k = 0; k < BINS; k += LANES)
		split(harmonic, &harmonic->ring[middle], k);
	harmonic->next = (harmonic->next + 1) % OVER_TIME;
}

static int take_harmonic_frame(void *context, const float *frame)
{
	struct harmonic *harmonic = context;
	int16_t *level = harmonic->ring[harmonic->next].level + MARGIN;

	fft_power_hann(harmonic->fft, frame, harmonic->power);
	for (size_t k = 0; k < BINS; k++)
		level[k] = level_of(harmonic->power[k]);
	move_on(harmonic);
	return 0;
}

static void harmonic_free(void *state)
{
	struct harmonic *harmonic = state;

	if (!harmonic)
		return;
	frames_free(harmonic->frames);
	fft_free(harmonic->fft);
	free(harmonic);
}

static int harmonic_create(const struct pass_config *config, void **created)
{
	struct harmonic *harmonic = calloc(1, sizeof(*harmonic));
	int error;

	(void)config;
	if (!harmonic)
		return -ENOMEM;
	error = fft_create(SIZE, &harmonic->fft);
	if (!error)
		error = frames_create(SIZE, HOP, SIZE / 2, take_harmonic_frame,
				      harmonic, &harmonic->frames);
	if (error) {
		harmonic_free(harmonic);
		return error;
	}
	*created = harmonic;
	return 0;
}

static int harmonic_feed(void *state, const float *samples, size_t count)
{
	struct harmonic *harmonic = state;

	return frames_feed(harmonic->frames, samples, count, 1);
}

/*
 * Sets harmonic_ratio = rms h / (rms h + rms p), with h and p the spectrogram
 * under Wiener masks (equations 7 and 8 of the paper, p = 2). A lasting tone
 * gives nearly 1, clicks nearly 0, white noise 0.5, silence 0.
 */
static int harmonic_finish(void *state, const struct findings *findings)
{
	struct harmonic *harmonic = state;
	struct measures *measures = findings->measures;
	double h, p;

	(void)frames_finish(
		harmonic->frames); /* take_harmonic_frame() cannot fail */
	for (int i = 0; i < OVER_TIME / 2; i++) {
		memset(&harmonic->ring[harmonic->next], 0,
		       sizeof(harmonic->ring[0]));
		move_on(harmonic);
	}
	h = sqrt(harmonic->harmonic);
	p = sqrt(harmonic->percussive);
	measures->dimensions[DIM_HARMONIC_RATIO] =
		h + p > 0 ? (float)(h / (h + p)) : 0;
	return 0;
}

const struct measure measure_harmonic = {
	.mono = true,
	.create = harmonic_create,
	.feed = harmonic_feed,
	.finish = harmonic_finish,
	.free = harmonic_free,
};
