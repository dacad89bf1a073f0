/*
 * A window is two halves of 250 ms, so each sample is looked at once. Of the
 * windows only running moments and a histogram are kept.
 */
#include "analysis/dynamics.h"

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

int dynamics_create(uint32_t rate, uint32_t channels, struct dynamics **created)
{
	struct dynamics *dynamics = calloc(1, sizeof(*dynamics));
	size_t frames = rate / 4 > 0 ? rate / 4 : 1;

	if (!dynamics)
		return -ENOMEM;
	if (histogram_create(GATE, LOUDEST, 17000, &dynamics->by_level)) {
		free(dynamics);
		return -ENOMEM;
	}
	dynamics->channels = channels;
	dynamics->half_size = frames * channels;
	*created = dynamics;
	return 0;
}

void dynamics_free(struct dynamics *dynamics)
{
	if (!dynamics)
		return;
	histogram_free(dynamics->by_level);
	free(dynamics);
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

static void add(struct half *half, const float *samples, size_t count)
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

int dynamics_feed(struct dynamics *dynamics, const float *frames, size_t count)
{
	size_t left = count * dynamics->channels;

	while (left > 0) {
		size_t room = dynamics->half_size - dynamics->now.samples;
		size_t n = left < room ? left : room;

		add(&dynamics->now, frames, n);
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

void dynamics_finish(struct dynamics *dynamics, struct measures *measures)
{
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
}
