/*
 * Where in the spectrum a track's power lies, at its native rate.
 *
 *   band shares     power in each of 7 bands, by the power between 20 Hz and
 *                   20 kHz; all 0 when there is none
 *   bass_mid_ratio  10 log10(power in 60-250 Hz / power in 250-2000 Hz), within
 *                   +-100 dB; 0 when both are silent
 *
 * The power is Welch's estimate (1967): the mean of the spectra of Hann windows
 * that overlap by half, here of about 1/6 s, so that 20 Hz can be told from 60.
 * It is the mean of the channels' powers, not the power of their mean, which
 * would lack what is in anti-phase.
 *
 * One sum of power for each bin of the transform; the bands are made of them at
 * the end. A bin that lies across a border is divided between its bands.
 */
#include "analysis/measure.h"

#include "analysis/fft.h"
#include "analysis/frames.h"
#include "analysis/sidecars/number.h"
#include "base/cleanup.h"

enum {
	WINDOWS_A_SECOND = 6, /* the window is at least that part of it, */
	SMALLEST = 64,	      /* and a power of two within these */
	LARGEST = 1 << 17,
	BANDS = 7,
};

static const double borders[BANDS + 1] = {20,	60,   250,  500,
					  2000, 4000, 8000, 20000};

struct spectrum {
	uint32_t rate;
	uint32_t channels;
	size_t size;
	struct fft *fft;
	float *power;	       /* of one frame */
	double *sums;	       /* of all: size / 2 + 1 */
	struct frames **parts; /* one a channel */
};

static int add_frame(void *context, const float *frame)
{
	struct spectrum *spectrum = context;

	fft_power_hann(spectrum->fft, frame, spectrum->power);
	for (size_t k = 0; k <= spectrum->size / 2; k++)
		spectrum->sums[k] += (double)spectrum->power[k];
	return 0;
}

static int allocate_spectrum(struct spectrum *spectrum)
{
	size_t size = spectrum->size;
	int error = fft_create(size, &spectrum->fft);

	spectrum->power = calloc(size / 2 + 1, sizeof(*spectrum->power));
	spectrum->sums = calloc(size / 2 + 1, sizeof(*spectrum->sums));
	spectrum->parts = calloc(spectrum->channels, sizeof(*spectrum->parts));
	if (!spectrum->power || !spectrum->sums || !spectrum->parts)
		return -ENOMEM;
	for (uint32_t c = 0; c < spectrum->channels && !error; c++)
		error = frames_create(size, size / 2, size / 2, add_frame,
				      spectrum, &spectrum->parts[c]);
	return error;
}

static void spectrum_free(void *state)
{
	struct spectrum *spectrum = state;

	if (!spectrum)
		return;
	for (uint32_t c = 0; spectrum->parts && c < spectrum->channels; c++)
		frames_free(spectrum->parts[c]);
	fft_free(spectrum->fft);
	free(spectrum->power);
	free(spectrum->sums);
	free(spectrum->parts);
	free(spectrum);
}

static int spectrum_create(const struct pass_config *config, void **created)
{
	struct spectrum *spectrum = calloc(1, sizeof(*spectrum));
	int error;

	if (!spectrum)
		return -ENOMEM;
	spectrum->rate = config->rate;
	spectrum->channels = config->channels;
	spectrum->size = SMALLEST;
	while (spectrum->size < config->rate / WINDOWS_A_SECOND &&
	       spectrum->size < LARGEST)
		spectrum->size *= 2;
	error = allocate_spectrum(spectrum);
	if (error) {
		spectrum_free(spectrum);
		return error;
	}
	*created = spectrum;
	return 0;
}

/* Channels are added to the same sums: one after the other, frame by frame. */
static int spectrum_feed(void *state, const float *frames, size_t count)
{
	struct spectrum *spectrum = state;
	size_t hop = spectrum->size / 2;

	while (count > 0) {
		size_t n = count < hop ? count : hop;

		for (uint32_t c = 0; c < spectrum->channels; c++)
			frames_feed(spectrum->parts[c], frames + c, n,
				    spectrum->channels);
		frames += n * spectrum->channels;
		count -= n;
	}
	return 0;
}

static double between(const struct spectrum *spectrum, double low, double high)
{
	double width = (double)spectrum->rate / (double)spectrum->size;
	double sum = 0;

	for (size_t k = 0; k <= spectrum->size / 2; k++) {
		double from = fmax(((double)k - 0.5) * width, low);
		double to = fmin(((double)k + 0.5) * width, high);

		if (to > from)
			sum += spectrum->sums[k] * (to - from) / width;
	}
	return sum;
}

static double ratio(double bass, double mid)
{
	if (bass > 0 && mid > 0)
		return 10 * log10(bass / mid);
	if (bass > 0)
		return 100;
	return mid > 0 ? -100 : 0;
}

/* Fills DIM_SUB_BASS_PCT to DIM_AIR_PCT and DIM_BASS_MID_RATIO. */
static int spectrum_finish(void *state, const struct findings *findings)
{
	struct spectrum *spectrum = state;
	struct measures *measures = findings->measures;
	float *shares = measures->dimensions + DIM_SUB_BASS_PCT;
	double bands[BANDS], sum = 0;

	for (uint32_t c = 0; c < spectrum->channels; c++)
		frames_finish(spectrum->parts[c]);
	for (int i = 0; i < BANDS; i++) {
		bands[i] = between(spectrum, borders[i], borders[i + 1]);
		sum += bands[i];
	}
	if (!isfinite(sum))
		sum = 0;
	for (int i = 0; i < BANDS; i++)
		shares[i] = sum > 0 ? bounded(bands[i] / sum, 0, 1) : 0;
	measures->dimensions[DIM_BASS_MID_RATIO] =
		sum > 0 ? bounded(ratio(bands[1], bands[2] + bands[3]), -100,
				  100)
			: 0;
	return 0;
}

const struct measure measure_spectrum = {
	.create = spectrum_create,
	.feed = spectrum_feed,
	.finish = spectrum_finish,
	.free = spectrum_free,
};
