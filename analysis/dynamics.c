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
 * and over pieces of 50 ms:
 *
 *   silence_ratio     share of the pieces whose RMS is more than 40 dB below
 *                     the loudest; of a silent track 1, of none 0
 *
 * Standard deviations are those of the population. A track shorter than a
 * window is one window; what is left over at the end of a longer one is none.
 *
 * A window is two halves of five pieces, so each sample is looked at once. Of
 * windows and pieces only running moments and histograms are kept.
 */
#include "analysis/measure.h"

#include "analysis/histogram.h"
#include "analysis/sidecars/number.h"
#include "base/cleanup.h"

#define GATE (-70.0)	  /* dBFS */
#define LOWEST (-200.0)	  /* dBFS, silence */
#define LOUDEST 100.0	  /* dBFS, more than any audio */
#define CREST_SCALE 6.0	  /* dB */
#define QUIETEST (-60.0)  /* dBFS: energy level 0 */
#define HIGHEST_PEAK 1e3f /* 60 dB above full scale */
#define SOFT 40.0	  /* dB below the loudest is silence */

enum { PIECES = 5 }; /* of a half */

struct span {
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
	size_t piece_size; /* samples of all channels */
	struct span piece;
	struct span now;
	struct span before; /* samples 0: none yet */
	double windows;	    /* made so far */

	float peak;
	double power;
	double samples;

	struct moments crests;
	struct moments levels;
	struct moments peaks;
	struct histogram *by_level;
	struct histogram *pieces; /* by level */
	double loudest;		  /* piece, dBFS */
};

static void dynamics_free(void *state)
{
	struct dynamics *dynamics = state;

	if (!dynamics)
		return;
	histogram_free(dynamics->by_level);
	histogram_free(dynamics->pieces);
	free(dynamics);
}

static int dynamics_create(const struct pass_config *config, void **created)
{
	struct dynamics *dynamics = calloc(1, sizeof(*dynamics));
	size_t frames = config->rate / (4 * PIECES);

	if (!dynamics)
		return -ENOMEM;
	if (histogram_create(GATE, LOUDEST, 17000, &dynamics->by_level) ||
	    histogram_create(LOWEST, LOUDEST, 4800, &dynamics->pieces)) {
		dynamics_free(dynamics);
		return -ENOMEM;
	}
	dynamics->channels = config->channels;
	dynamics->piece_size = (frames > 0 ? frames : 1) * config->channels;
	dynamics->loudest = LOWEST;
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

static void add_window(struct dynamics *dynamics, const struct span *a,
		       const struct span *b)
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
	struct span *now = &dynamics->now;

	dynamics->power += now->power;
	dynamics->samples += (double)now->samples;
	if (now->peak > dynamics->peak)
		dynamics->peak = now->peak;
	if (dynamics->before.samples > 0)
		add_window(dynamics, &dynamics->before, now);
	dynamics->before = *now;
	*now = (struct span){0};
}

static void end_piece(struct dynamics *dynamics)
{
	struct span *piece = &dynamics->piece, *now = &dynamics->now;
	double level = decibels(piece->power / (double)piece->samples, LOWEST);

	histogram_add(dynamics->pieces, level);
	if (level > dynamics->loudest)
		dynamics->loudest = level;
	now->power += piece->power;
	now->samples += piece->samples;
	if (piece->peak > now->peak)
		now->peak = piece->peak;
	*piece = (struct span){0};
}

static void add_to_span(struct span *span, const float *samples, size_t count)
{
	double power = span->power;
	float peak = span->peak;

	for (size_t i = 0; i < count; i++) {
		float size = fabsf(samples[i]);

		power += (double)size * size;
		peak = size > peak ? size : peak;
	}
	span->power = power;
	span->peak = peak;
	span->samples += count;
}

static int dynamics_feed(void *state, const float *frames, size_t count)
{
	struct dynamics *dynamics = state;
	size_t left = count * dynamics->channels;

	while (left > 0) {
		size_t room = dynamics->piece_size - dynamics->piece.samples;
		size_t n = left < room ? left : room;

		add_to_span(&dynamics->piece, frames, n);
		if (n == room)
			end_piece(dynamics);
		if (dynamics->now.samples == PIECES * dynamics->piece_size)
			end_half(dynamics);
		frames += n;
		left -= n;
	}
	return 0;
}

/* What the last half has; a short track is one window. */
static void end_all(struct dynamics *dynamics)
{
	struct span last, before = dynamics->before;

	if (dynamics->piece.samples > 0)
		end_piece(dynamics);
	last = dynamics->now;
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

static double silence_of(const struct dynamics *dynamics)
{
	double count = (double)histogram_count(dynamics->pieces);
	uint64_t soft;

	if (count <= 0)
		return 0;
	if (dynamics->loudest <= LOWEST)
		return 1;
	soft = histogram_count_below(dynamics->pieces,
				     dynamics->loudest - SOFT);
	return (double)soft / count;
}

/* Fills peak to dynamic_range_db and the five dimensions above. */
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
	dimensions[DIM_SILENCE_RATIO] = bounded(silence_of(dynamics), 0, 1);
	return 0;
}

const struct measure measure_dynamics = {
	.create = dynamics_create,
	.feed = dynamics_feed,
	.finish = dynamics_finish,
	.free = dynamics_free,
};
