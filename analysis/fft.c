/*
 * libavutil's real transforms. They want aligned memory and may write into what
 * they are given, so everything goes through two buffers of our own: `time`
 * has the samples, `bins` what they become.
 */
#include "analysis/fft.h"

#include "base/cleanup.h"

#include <libavutil/mem.h>
#include <libavutil/tx.h>
#include <math.h>
#include <string.h>

/* libavutil 57 loops for ever while it prepares 2^20. */
enum { SMALLEST = 16, LARGEST = 1 << 17 };

struct fft {
	size_t size;
	AVTXContext *forth;
	AVTXContext *back;
	av_tx_fn run_forth;
	av_tx_fn run_back;
	float *time;
	float *window;
	AVComplexFloat *bins; /* size / 2 + 1 */
};

static int allocate_fft(struct fft *fft)
{
	size_t size = fft->size;

	fft->time = av_malloc(size * sizeof(*fft->time));
	fft->window = av_malloc(size * sizeof(*fft->window));
	fft->bins = av_malloc((size / 2 + 1) * sizeof(*fft->bins));
	if (!fft->time || !fft->window || !fft->bins)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++)
		fft->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * (double)i /
							 (double)size));
	return 0;
}

static int plan(struct fft *fft)
{
	const float one = 1;
	const float part = 1 / (float)fft->size;

	if (av_tx_init(&fft->forth, &fft->run_forth, AV_TX_FLOAT_RDFT, 0,
		       (int)fft->size, &one, 0) < 0)
		return -ENOMEM;
	if (av_tx_init(&fft->back, &fft->run_back, AV_TX_FLOAT_RDFT, 1,
		       (int)fft->size, &part, 0) < 0)
		return -ENOMEM;
	return 0;
}

int fft_create(size_t size, struct fft **created)
{
	struct fft *fft;
	int error;

	if (size < SMALLEST || size > LARGEST || (size & (size - 1)))
		return -EINVAL;
	fft = calloc(1, sizeof(*fft));
	if (!fft)
		return -ENOMEM;
	fft->size = size;
	error = allocate_fft(fft);
	if (!error)
		error = plan(fft);
	if (error) {
		fft_free(fft);
		return error;
	}
	*created = fft;
	return 0;
}

void fft_free(struct fft *fft)
{
	if (!fft)
		return;
	av_tx_uninit(&fft->forth);
	av_tx_uninit(&fft->back);
	av_free(fft->time);
	av_free(fft->window);
	av_free(fft->bins);
	free(fft);
}

/* The outer bins of real samples are real; libavutil 57 leaves that unsaid. */
static void transform(struct fft *fft)
{
	fft->run_forth(fft->forth, fft->bins, fft->time, sizeof(float));
	fft->bins[0].im = 0;
	fft->bins[fft->size / 2].im = 0;
}

static void take_windowed(struct fft *fft, const float *samples)
{
	memcpy(fft->time, samples, fft->size * sizeof(*samples));
}

static void take_hann(struct fft *fft, const float *samples)
{
	for (size_t i = 0; i < fft->size; i++)
		fft->time[i] = fft->window[i] * samples[i];
}

static void give_power(const struct fft *fft, float *power)
{
	for (size_t i = 0; i <= fft->size / 2; i++) {
		AVComplexFloat bin = fft->bins[i];

		power[i] = bin.re * bin.re + bin.im * bin.im;
	}
}

static void give_bins(const struct fft *fft, struct fft_bin *bins)
{
	for (size_t i = 0; i <= fft->size / 2; i++) {
		bins[i].re = fft->bins[i].re;
		bins[i].im = fft->bins[i].im;
	}
}

void fft_power(struct fft *fft, const float *samples, float *power)
{
	take_windowed(fft, samples);
	transform(fft);
	give_power(fft, power);
}

void fft_bins(struct fft *fft, const float *samples, struct fft_bin *bins)
{
	take_windowed(fft, samples);
	transform(fft);
	give_bins(fft, bins);
}

void fft_power_hann(struct fft *fft, const float *samples, float *power)
{
	take_hann(fft, samples);
	transform(fft);
	give_power(fft, power);
}

void fft_samples(struct fft *fft, const struct fft_bin *bins, float *samples)
{
	for (size_t i = 0; i <= fft->size / 2; i++) {
		fft->bins[i].re = bins[i].re;
		fft->bins[i].im = bins[i].im;
	}
	fft->run_back(fft->back, fft->time, fft->bins, sizeof(AVComplexFloat));
	memcpy(samples, fft->time, fft->size * sizeof(*samples));
}
