/*
 * Levels over time, at the native rate. A level is over all channels: peaks are
 * of the loudest, powers the mean.
 *
 *   peak, rms         of the whole track
 *   crest_db          20 log10(peak / rms); 0 for silence
 *   energy_level      (20 log10(rms) + 60) / 60 within 0 to 1: -60 dBFS and
 *                     below is 0, full scale is 1
 *
 * and over windows of 500 ms, one every 250 ms, without those whose RMS is
 * below -70 dBFS (BS.1770's absolute gate: silence has no crest):
 *
 *   dynamic_range_variation  standard deviation of the crest in dB, / 6, at
 *                            most 1
 *   loudness_variation_std   standard deviation of the RMS level, at most 10 dB
 *   peak_consistency         1 / (1 + standard deviation / mean of the peaks)
 *   dynamic_range_db         95th less 10th percentile of the RMS level, the
 *                            percentiles of EBU Tech 3342
 *
 * Standard deviations are those of the population. A track shorter than a
 * window is one window; what is left over at the end of a longer one is none.
 *
 * A window is two halves of 250 ms, so each sample is looked at once. Of the
 * windows only running moments and a histogram are kept.
 */
#include "analysis/measure.h"

#include "analysis/histogram.h"
#include "analysis/number.h"
#include "base/cleanup.h"

#define GATE (-70.0)	  /* dBFS */
#define LOWEST (-200.0)	  /* dBFS, silence */
#define LOUDEST 100.0	  /* dBFS, more than any audio */
#define CREST_SCALE 6.0	  /* dB */
#define QUIETEST (-60.0)  /* dBFS: energy level 0 */
#define HIGHEST_PEAK 1e3f /* 60 dB above full scale */

struct half {
	double power; /* sum of squares */
	float peak;
	size_t samples; /* of all channels */
};

/* Welford's running mean and sum of squared deviations. */
struct moments {
	double count;
	double mean;
	double squares;
};

struct dynamics {
	uint32_t channels;
	size_t half_size; /* samples of all channels */
	struct half now;
	struct half before; /* samples 0: none yet */
	double windows;	    /* made so far */

	float peak;
	double power;
	double samples;

	struct moments crests;
	struct moments levels;
	struct moments peaks;
	struct histogram *by_level;
};

static void dynamics_free(void *state)
{
	struct dynamics *dynamics = state;

	if (!dynamics)
		return;
	histogram_free(dynamics->by_level);
	free(dynamics);
}

static int dynamics_create(const struct pass_config *config, void **created)
{
	struct dynamics *dynamics = calloc(1, sizeof(*dynamics));
	size_t frames = config->rate / 4 > 0 ? config->rate / 4 : 1;

	if (!dynamics)
		return -ENOMEM;
	if (histogram_create(GATE, LOUDEST, 17000, &dynamics->by_level)) {
		free(dynamics);
		return -ENOMEM;
	}
	dynamics->channels = config->channels;
	dynamics->half_size = frames * config->channels;
	*created = dynamics;
	return 0;
}

static void moments_add(struct moments *moments, double x)
{
	double off = x - moments->mean;

	moments->count++;
	moments->mean += off / moments->count;
	moments->squares += off * (x - moments->mean);
}

static double deviation(const struct moments *moments)
{
	return moments->count > 0 ? sqrt(moments->squares / moments->count) : 0;
}

static void add_window(struct dynamics *dynamics, const struct half *a,
		       const struct half *b)
{
	double peak = a->peak > b->peak ? a->peak : b->peak;
	double power =
		(a->power + b->power) / (double)(a->samples + b->samples);
	double level = decibels(power, LOWEST);

	dynamics->windows++;
	if (!(level >= GATE) || !isfinite(level))
		return;
	moments_add(&dynamics->crests, decibels(peak * peak, LOWEST) - level);
	moments_add(&dynamics->levels, level);
	moments_add(&dynamics->peaks, peak);
	histogram_add(dynamics->by_level, level);
}

static void end_half(struct dynamics *dynamics)
{
	struct half *now = &dynamics->now;

	dynamics->power += now->power;
	dynamics->samples += (double)now->samples;
	if (now->peak > dynamics->peak)
		dynamics->peak = now->peak;
	if (dynamics->before.samples > 0)
		add_window(dynamics, &dynamics->before, now);
	dynamics->before = *now;
	*now = (struct half){0};
}

static void add_to_half(struct half *half, const float *samples, size_t count)
{
	double power = half->power;
	float peak = half->peak;

	for (size_t i = 0; i < count; i++) {
		float size = fabsf(samples[i]);

		power += (double)size * size;
		peak = size > peak ? size : peak;
	}
	half->power = power;
	half->peak = peak;
	half->samples += count;
}

static int dynamics_feed(void *state, const float *frames, size_t count)
{
	struct dynamics *dynamics = state;
	size_t left = count * dynamics->channels;

	while (left > 0) {
		size_t room = dynamics->half_size - dynamics->now.samples;
		size_t n = left < room ? left : room;

		add_to_half(&dynamics->now, frames, n);
		if (n == room)
			end_half(dynamics);
		frames += n;
		left -= n;
	}
	return 0;
}

/* What the last half has; a short track is one window. */
static void end_all(struct dynamics *dynamics)
{
	struct half last = dynamics->now;
	struct half before = dynamics->before;

	if (last.samples > 0) {
		dynamics->before.samples = 0; /* no window of a part */
		end_half(dynamics);
	}
	if (dynamics->windows == 0 && dynamics->samples > 0)
		add_window(dynamics, &before, &last);
}

static void fill_levels(const struct dynamics *dynamics,
			struct measures *measures)
{
	double power =
		dynamics->samples > 0 ? dynamics->power / dynamics->samples : 0;
	double level = decibels(power, LOWEST);
	double peak = dynamics->peak;
	double crest = 0;

	if (power > 0)
		crest = decibels(peak * peak, LOWEST) - level;
	measures->peak = bounded(peak, 0, HIGHEST_PEAK);
	measures->rms = bounded(sqrt(power), 0, 1);
	measures->energy_level = bounded(1 - level / QUIETEST, 0, 1);
	measures->dimensions[DIM_CREST_DB] = bounded(crest, 0, 100);
}

/* Fills peak to dynamic_range_db and the four dimensions above. */
static int dynamics_finish(void *state, const struct findings *findings)
{
	struct dynamics *dynamics = state;
	struct measures *measures = findings->measures;
	float *dimensions = measures->dimensions;
	double mean, range;

	end_all(dynamics);
	fill_levels(dynamics, measures);
	mean = dynamics->peaks.mean;
	range = histogram_quantile(dynamics->by_level, 0.95) -
		histogram_quantile(dynamics->by_level, 0.10);
	measures->dynamic_range_db = bounded(range, 0, 100);
	dimensions[DIM_DYNAMIC_RANGE_VARIATION] =
		bounded(deviation(&dynamics->crests) / CREST_SCALE, 0, 1);
	dimensions[DIM_LOUDNESS_VARIATION_STD] =
		bounded(deviation(&dynamics->levels), 0, 10);
	dimensions[DIM_PEAK_CONSISTENCY] = bounded(
		mean > 0 ? 1 / (1 + deviation(&dynamics->peaks) / mean) : 1, 0,
		1);
	return 0;
}

const struct measure measure_dynamics = {
	.create = dynamics_create,
	.feed = dynamics_feed,
	.finish = dynamics_finish,
	.free = dynamics_free,
};
