/*
 * Frames of a sixth of a second under a Hann window; their power is added up
 * per column of pixels, then laid out along the rows:
 *
 *   frames -> power of each bin -> mean of a column -> decibels of a row
 *
 * In the bass a row is narrower than a bin: there the decibels are interpolated
 * between bins (Catmull and Rom, "A Class of Local Interpolating Splines",
 * 1974), or one would see their steps. Above, a row has the mean power of what
 * it covers.
 */
#include "analysis/measure.h"
#include "analysis/pictures/pictures.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "analysis/pictures/spectrogram_private.h"
#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	COLUMNS = SPECTROGRAM_COLUMNS,
	ROWS = SPECTROGRAM_ROWS,
	SMALLEST = 1024,
	LARGEST = 1 << 17,
	PART = 1024,	/* frames mixed at a time */
	LOG_BINS = 128, /* above, a row is wider than a bin */
};

#define LOWEST 20.0
#define HIGHEST 20000.0

struct spectrogram {
	uint32_t rate;
	unsigned channels;
	uint64_t samples;
	uint64_t fed;
	double highest; /* Hz */

	size_t size; /* of a transform */
	size_t hop;
	struct fft *fft;
	struct frames *frames;
	float *power;	/* of a frame; size / 2 + 1, as the others */
	float *sum;	/* of the column in hand */
	unsigned count; /* frames in it */

	uint64_t frame;		/* number of the next one */
	unsigned column;	/* the one in hand */
	float log[LOG_BINS];	/* decibels of its lowest bins */
	double edges[ROWS + 1]; /* of the rows, from the top, in bins */
	float mixed[PART];
	uint8_t levels[ROWS * COLUMNS];
};

static size_t size_for(uint32_t rate)
{
	size_t size = SMALLEST;

	while (size < rate / 6 && size < LARGEST)
		size *= 2;
	return size;
}

/* A column has at least one frame, and where it is long all that overlap. */
static size_t hop_for(uint64_t samples, size_t size)
{
	uint64_t hop = samples / COLUMNS;

	if (hop < size / 32)
		return size / 32;
	return hop < size / 2 ? (size_t)hop : size / 2;
}

static void begin_column(struct spectrogram *spectrogram)
{
	memset(spectrogram->sum, 0,
	       (spectrogram->size / 2 + 1) * sizeof(*spectrogram->sum));
	spectrogram->count = 0;
}

static frames_take take_frame;

static void set_edges(struct spectrogram *spectrogram)
{
	double highest = spectrogram->highest * (double)spectrogram->size /
			 spectrogram->rate;

	for (int row = 0; row <= ROWS; row++)
		spectrogram->edges[row] =
			highest *
			pow(LOWEST / spectrogram->highest, (double)row / ROWS);
}

static int set_up_spectrogram(struct spectrogram *spectrogram)
{
	size_t size = spectrogram->size;
	size_t bins = size / 2 + 1;

	spectrogram->power = calloc(bins, sizeof(float));
	spectrogram->sum = calloc(bins, sizeof(float));
	if (!spectrogram->power || !spectrogram->sum)
		return -ENOMEM;
	if (fft_create(size, &spectrogram->fft) < 0)
		return -ENOMEM;
	return frames_create(size, spectrogram->hop, size / 2, take_frame,
			     spectrogram, &spectrogram->frames);
}

static void spectrogram_free(void *state)
{
	struct spectrogram *spectrogram = state;

	if (!spectrogram)
		return;
	frames_free(spectrogram->frames);
	fft_free(spectrogram->fft);
	free(spectrogram->power);
	free(spectrogram->sum);
	free(spectrogram);
}

static int spectrogram_create(const struct pass_config *config, void **created)
{
	struct spectrogram *spectrogram = calloc(1, sizeof(*spectrogram));
	int error;

	if (!spectrogram)
		return -ENOMEM;
	spectrogram->rate = config->rate;
	spectrogram->channels = config->channels;
	spectrogram->samples = config->samples;
	spectrogram->size = size_for(config->rate);
	spectrogram->hop = hop_for(config->samples, spectrogram->size);
	spectrogram->highest =
		fmin(HIGHEST, fmax(config->rate / 2.0, 2 * LOWEST));
	set_edges(spectrogram);
	error = set_up_spectrogram(spectrogram);
	if (error) {
		spectrogram_free(spectrogram);
		return error;
	}
	*created = spectrogram;
	return 0;
}

/* Of a full-scale sine: 0. See fft.h for the reference. */
static float decibels(const struct spectrogram *spectrogram, double power)
{
	double full = (double)spectrogram->size / 4;

	return (float)(10 * log10(power / (full * full) + 1e-20));
}

/* The mean power from one place to another, in bins: bin k is k - 1/2 to k +
 * 1/2. */
static float mean_of(const struct spectrogram *spectrogram, double from,
		     double to)
{
	const size_t last = spectrogram->size / 2;
	double sum = 0;

	for (size_t k = (size_t)(from + 0.5); k <= last; k++) {
		double left = fmax(from, (double)k - 0.5);
		double right = fmin(to, (double)k + 0.5);

		if (right <= left)
			break;
		sum += (right - left) * spectrogram->sum[k];
	}
	return decibels(spectrogram, sum / (to - from) / spectrogram->count);
}

static float between_bins(const struct spectrogram *spectrogram, double place)
{
	const float *log = spectrogram->log;
	const size_t k = (size_t)place;
	const float t = (float)(place - (double)k);
	const float a = log[k > 0 ? k - 1 : 0], b = log[k];
	const float c = log[k + 1], d = log[k + 2];

	return b + 0.5f * t *
			   (c - a +
			    t * (2 * a - 5 * b + 4 * c - d +
				 t * (3 * (b - c) + d - a)));
}

/*
 * The column is finished; it stands for the ones up to `next` that no frame
 * fell into, too.
 */
static void end_column(struct spectrogram *spectrogram, unsigned next)
{
	for (size_t k = 0; k < LOG_BINS; k++)
		spectrogram->log[k] = decibels(
			spectrogram, spectrogram->sum[k] / spectrogram->count);
	for (int row = 0; row < ROWS; row++) {
		double top = spectrogram->edges[row];
		double bottom = spectrogram->edges[row + 1];
		float level =
			top - bottom > 1
				? mean_of(spectrogram, bottom, top)
				: between_bins(spectrogram, (top + bottom) / 2);
		float half = (level - SPECTROGRAM_FLOOR) * 2;

		memset(spectrogram->levels + row * COLUMNS +
			       spectrogram->column,
		       (int)lrintf(fminf(fmaxf(half, 0), 255)),
		       next - spectrogram->column);
	}
}

static int take_frame(void *context, const float *frame)
{
	struct spectrogram *spectrogram = context;
	double place = (double)spectrogram->frame * (double)spectrogram->hop /
		       (double)spectrogram->samples * COLUMNS;
	unsigned column = place < COLUMNS ? (unsigned)place : COLUMNS - 1;

	if (column > spectrogram->column) {
		end_column(spectrogram, column);
		begin_column(spectrogram);
		spectrogram->column = column;
	}
	fft_power_hann(spectrogram->fft, frame, spectrogram->power);
	for (size_t k = 0; k <= spectrogram->size / 2; k++)
		spectrogram->sum[k] += spectrogram->power[k];
	spectrogram->count++;
	spectrogram->frame++;
	return 0;
}

static void mix(const float *frames, unsigned channels, float *to, size_t count)
{
	for (size_t i = 0; i < count; i++, frames += channels) {
		float sum = 0;

		for (unsigned c = 0; c < channels; c++)
			sum += frames[c];
		sum /= (float)channels;
		/* not a number is 0, what is far too loud is far too loud */
		sum = sum == sum ? sum : 0;
		sum = sum < 4 ? sum : 4;
		to[i] = sum > -4 ? sum : -4;
	}
}

static int spectrogram_feed(void *state, const float *frames, size_t count)
{
	struct spectrogram *spectrogram = state;
	uint64_t left = spectrogram->samples - spectrogram->fed;
	int error = 0;

	if (count > left)
		count = (size_t)left;
	spectrogram->fed += count;
	while (count > 0 && !error) {
		size_t part = count < PART ? count : PART;

		mix(frames, spectrogram->channels, spectrogram->mixed, part);
		error = frames_feed(spectrogram->frames, spectrogram->mixed,
				    part, 1);
		frames += part * spectrogram->channels;
		count -= part;
	}
	return error;
}

static int spectrogram_finish(void *state, const struct findings *findings)
{
	struct spectrogram *spectrogram = state;
	const struct spectrogram_view view = {
		.seconds = (double)spectrogram->samples / spectrogram->rate,
		.lowest = LOWEST,
		.highest = spectrogram->highest,
		.levels = spectrogram->levels,
	};
	bool whole = spectrogram->fed == spectrogram->samples;
	int error = frames_finish(spectrogram->frames);

	if (error)
		return error;
	if (spectrogram->count > 0)
		end_column(spectrogram,
			   whole ? COLUMNS : spectrogram->column + 1);
	return spectrogram_draw(&view, findings->spectrogram);
}

const struct measure measure_spectrogram = {
	.draws = true,
	.create = spectrogram_create,
	.feed = spectrogram_feed,
	.finish = spectrogram_finish,
	.free = spectrogram_free,
};
