/*
 * Loudness by ITU-R BS.1770-4 and EBU R 128, at the native rate.
 *
 *   integrated      gated blocks of 400 ms, one every 100 ms (libebur128)
 *   range           EBU Tech 3342, of 3 s taken every 100 ms, as ffmpeg does it
 *                   (libebur128 takes them every second, 0.1 LU apart on music)
 *   momentary_max   400 ms, taken every 20 ms
 *   short_term_max  3 s, taken every 20 ms
 *   true_peak       BS.1770-4, annex 2: see truepeak.h
 *   sample_peak     the greatest sample
 *   loudness_bins   the blocks above -70 LUFS: see loudness_bins.h
 *
 * Before the beginning of a track there is silence. A track shorter than 400 ms
 * has no block and is -70 LUFS; below 4000 Hz there is nothing to weight by,
 * and only the peaks are measured.
 *
 * Channels are in the order of FLAC and WAVE: one or two, L R C, L R Ls Rs,
 * L R C Ls Rs, 5.1, 6.1 and 7.1. Low frequencies do not count, surrounds count
 * by their place in BS.1770-4's table 4. More channels all count alike.
 *
 * libebur128 weights the channels and gates. Asking it for short-term loudness
 * means 3 s of additions each time; instead it is asked for each 20 ms alone,
 * and windows are sums of those powers.
 *
 *   steps   | 20 ms |  ...                                     |
 *   block   |------ 20 steps ------|          one every 5 steps
 *   3 s     |------------ 150 steps -----------|
 */
#include "analysis/measure.h"

#include "analysis/histogram.h"
#include "analysis/sidecars/loudness_bins.h"
#include "analysis/sidecars/number.h"
#include "analysis/truepeak.h"
#include "base/cleanup.h"

#include <ebur128.h>

#define SILENCE (-70.0) /* LUFS, BS.1770's absolute gate */
#define LOUDEST 60.0	/* LUFS: floats may be far above full scale */
#define LOUDEST_DIMENSION 10.0
#define NO_PEAK (-100.0)
#define HIGHEST_PEAK 60.0 /* dBFS */
#define OFFSET (-0.691)	  /* LUFS of power 1, BS.1770-4, formula 2 */

enum {
	LOWEST_RATE = 4000,
	STEPS = 50, /* a second */
	STEP_MS = 1000 / STEPS,
	MOMENTARY = 20, /* steps */
	SHORT_TERM = 150,
	HOP = 5, /* between blocks */
};

struct loudness {
	uint32_t rate;
	uint32_t channels;
	ebur128_state *state; /* NULL: only peaks are measured */
	struct truepeak *truepeak;

	uint64_t frames; /* so far */
	uint64_t steps;
	double powers[SHORT_TERM]; /* of the last steps, a ring */
	double momentary;	   /* the greatest so far, a mean power */
	double short_term;
	struct histogram *short_terms; /* levels, one every 100 ms */
	double short_power;	       /* sum of those above the gate */
	double short_count;
	uint32_t bins[LOUDNESS_BINS];
};

#define USUAL 8

/* By channel count; from BS.1770-4, table 4 and WAVE's order. */
static const int usual[USUAL + 1][USUAL] = {
	[1] = {EBUR128_LEFT},
	[2] = {EBUR128_LEFT, EBUR128_RIGHT},
	[3] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER},
	[4] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_Mp110, EBUR128_Mm110},
	[5] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_Mp110,
	       EBUR128_Mm110},
	[6] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED,
	       EBUR128_Mp110, EBUR128_Mm110},
	[7] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED,
	       EBUR128_Mp180, EBUR128_Mp110, EBUR128_Mm110},
	[8] = {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED,
	       EBUR128_Mp135, EBUR128_Mm135, EBUR128_Mp090, EBUR128_Mm090},
};

static int open_state(struct loudness *loudness)
{
	uint32_t channels = loudness->channels;
	int error;

	if (loudness->rate < LOWEST_RATE)
		return 0;
	loudness->state =
		ebur128_init(channels, loudness->rate, EBUR128_MODE_I);
	if (!loudness->state)
		return -ENOMEM;
	for (uint32_t c = 0; c < channels; c++) {
		int place =
			channels <= USUAL ? usual[channels][c] : EBUR128_LEFT;

		error = ebur128_set_channel(loudness->state, c, place);
		if (error)
			return -ENOMEM;
	}
	return 0;
}

static void loudness_free(void *state)
{
	struct loudness *loudness = state;

	if (!loudness)
		return;
	if (loudness->state)
		ebur128_destroy(&loudness->state);
	truepeak_free(loudness->truepeak);
	histogram_free(loudness->short_terms);
	free(loudness);
}

static int loudness_create(const struct pass_config *config, void **created)
{
	struct loudness *loudness = calloc(1, sizeof(*loudness));
	int error;

	if (!loudness)
		return -ENOMEM;
	loudness->rate = config->rate;
	loudness->channels = config->channels;
	error = truepeak_create(config->rate, config->channels,
				&loudness->truepeak);
	if (!error)
		error = histogram_create(SILENCE, LOUDEST, 13000,
					 &loudness->short_terms);
	if (!error)
		error = open_state(loudness);
	if (error) {
		loudness_free(loudness);
		return error;
	}
	*created = loudness;
	return 0;
}

static double level_of(double power)
{
	return decibels(power, SILENCE - OFFSET) + OFFSET;
}

/* Mean over the last `count` steps; before the first one was silence. */
static double mean_of_last(const struct loudness *loudness, unsigned count)
{
	double sum = 0;

	for (unsigned i = 0; i < count && i < loudness->steps; i++)
		sum += loudness->powers[(loudness->steps - 1 - i) % SHORT_TERM];
	return sum / count;
}

static void add_block(struct loudness *loudness, double level)
{
	double place = (level - LOUDNESS_BINS_LOWEST) / LOUDNESS_BINS_WIDTH;
	unsigned bin = LOUDNESS_BINS - 1;

	if (!(place > 0))
		return;
	if (place < LOUDNESS_BINS)
		bin = (unsigned)place;
	loudness->bins[bin]++;
}

/* EBU Tech 3342, 3.1: what lies above -70 LUFS, ... */
static void add_short_term(struct loudness *loudness, double power)
{
	double level = level_of(power);

	if (!(level > SILENCE))
		return;
	histogram_add(loudness->short_terms, level);
	loudness->short_power += power;
	loudness->short_count++;
}

/* ... and above 20 LU less than their mean; 10th to 95th percentile. */
static double range_of(const struct loudness *loudness)
{
	const struct histogram *levels = loudness->short_terms;
	double gate, all, below;

	if (loudness->short_count <= 0)
		return 0;
	gate = level_of(loudness->short_power / loudness->short_count) - 20;
	all = (double)histogram_count(levels);
	below = (double)histogram_count_below(levels, gate);
	return histogram_quantile(levels,
				  (below + 0.95 * (all - below)) / all) -
	       histogram_quantile(levels, (below + 0.10 * (all - below)) / all);
}

static void end_step(struct loudness *loudness)
{
	double level = SILENCE, momentary, short_term;

	ebur128_loudness_window(loudness->state, STEP_MS, &level);
	loudness->powers[loudness->steps % SHORT_TERM] =
		pow(10, (level - OFFSET) / 10);
	loudness->steps++;
	momentary = mean_of_last(loudness, MOMENTARY);
	short_term = mean_of_last(loudness, SHORT_TERM);
	loudness->momentary = fmax(loudness->momentary, momentary);
	loudness->short_term = fmax(loudness->short_term, short_term);
	if (loudness->steps >= MOMENTARY && loudness->steps % HOP == 0)
		add_block(loudness, level_of(momentary));
	if (loudness->steps >= SHORT_TERM && loudness->steps % HOP == 0)
		add_short_term(loudness, short_term);
}

static int loudness_feed(void *state, const float *frames, size_t count)
{
	struct loudness *loudness = state;

	truepeak_feed(loudness->truepeak, frames, count);
	while (count > 0 && loudness->state) {
		uint64_t end = (loudness->steps + 1) * loudness->rate / STEPS;
		uint64_t room = end - loudness->frames;
		size_t n = count < room ? count : (size_t)room;

		if (ebur128_add_frames_float(loudness->state, frames, n))
			return -ENOMEM;
		loudness->frames += n;
		if (n == room)
			end_step(loudness);
		frames += n * loudness->channels;
		count -= n;
	}
	return 0;
}

static float peak_level(float peak)
{
	return bounded(decibels((double)peak * peak, NO_PEAK), NO_PEAK,
		       HIGHEST_PEAK);
}

/* Fills the loudness part, the bins and DIM_LUFS. */
static int loudness_finish(void *state, const struct findings *findings)
{
	struct loudness *loudness = state;
	struct measures *measures = findings->measures;
	double integrated = SILENCE;

	if (loudness->state)
		ebur128_loudness_global(loudness->state, &integrated);
	truepeak_finish(loudness->truepeak);
	measures->integrated = bounded(integrated, SILENCE, LOUDEST);
	measures->dimensions[DIM_LUFS] =
		bounded(integrated, SILENCE, LOUDEST_DIMENSION);
	measures->range = bounded(range_of(loudness), 0, LOUDEST - SILENCE);
	measures->momentary_max =
		bounded(level_of(loudness->momentary), SILENCE, LOUDEST);
	measures->short_term_max =
		bounded(level_of(loudness->short_term), SILENCE, LOUDEST);
	measures->true_peak = peak_level(truepeak_between(loudness->truepeak));
	measures->sample_peak =
		peak_level(truepeak_of_samples(loudness->truepeak));
	for (int i = 0; i < LOUDNESS_BINS; i++)
		measures->loudness_bins[i] = loudness->bins[i];
	return 0;
}

const struct measure measure_loudness = {
	.create = loudness_create,
	.feed = loudness_feed,
	.finish = loudness_finish,
	.free = loudness_free,
};
