/*
 *   segments of the OSS -> generalised autocorrelation -> harmonics added
 *     -> 10 candidates -> the one whose pulses fit best -> histogram
 *   histogram's peak -> to a fraction of a percent -> which multiple of it
 *
 * The first line is the paper's (sections II-B and II-C) at half its rate of
 * OSS. The paper's octave decision is a classifier trained on its collections;
 * here it is one whose few terms can be read (tempo_octave.c).
 */
#include "analysis/rhythm.h"

#include "analysis/fft.h"
#include "analysis/recurrence.h"
#include "analysis/tempo_octave.h"
#include "base/cleanup.h"

#include <math.h>
#include <string.h>

/* In values of the OSS; the paper has segments of 2048 every 128 at 345 Hz. */
enum { SEGMENT = TEMPO_SEGMENT, HOP = 64, PADDED = 2 * SEGMENT };
enum { LAGS = TEMPO_LAGS, FIRST_LAG = 49, LAST_LAG = LAGS - 2 };
enum { CANDIDATES = 10, PULSES = 4 };

/* See chance_of. */
#define CHANCE_OFFSET (-1.05)
#define CHANCE_OCTAVE 0.68
#define CHANCE_SHARE 4.35
#define CHANCE_CLARITY (-0.12)
#define CHANCE_CHANGE 0.66
#define LEAST_CHANCE 0.3
#define LEAST_CHANGE (-5.0) /* a logarithm, see tempo_evidence */

struct tempo {
	struct fft *fft;
	struct tempo_segments of;
	float segment[PADDED];
	float power[PADDED / 2 + 1];
	struct fft_bin bins[PADDED / 2 + 1];
	float lags[PADDED];
	float enhanced[LAGS];
};

struct lag_candidate {
	double lag;
	double height; /* of the enhanced autocorrelation */
	double largest;
	double variance;
};

/* Where the spectrum's magnitude is taken to the power 1/2 (section II-B.2). */
static void correlate(struct tempo *tempo)
{
	fft_power(tempo->fft, tempo->segment, tempo->power);
	for (size_t k = 0; k <= PADDED / 2; k++) {
		tempo->bins[k].re = sqrtf(sqrtf(tempo->power[k]));
		tempo->bins[k].im = 0;
	}
	fft_samples(tempo->fft, tempo->bins, tempo->lags);
}

static void enhance(struct tempo *tempo)
{
	const float *a = tempo->lags;

	for (size_t i = FIRST_LAG - 1; i < LAGS; i++)
		tempo->enhanced[i] = a[i] + a[2 * i] + a[4 * i];
}

/* The ten highest peaks, the highest first. */
static int pick(const float *values, struct lag_candidate *found)
{
	int count = 0;

	for (int i = FIRST_LAG; i <= LAST_LAG; i++) {
		double a = values[i - 1], b = values[i], c = values[i + 1];
		int at = count;

		if (b <= a || b < c)
			continue;
		while (at > 0 && found[at - 1].height < b)
			at--;
		if (at == CANDIDATES)
			continue;
		if (count < CANDIDATES)
			count++;
		memmove(found + at + 1, found + at,
			sizeof(*found) * (size_t)(count - at - 1));
		found[at].lag = i + 0.5 * (a - c) / (a - 2 * b + c);
		found[at].height = b;
	}
	return count;
}

static double at(const float *values, double place)
{
	size_t i = (size_t)(place + 0.5);

	return i < SEGMENT ? values[i] : 0;
}

/*
 * Section II-B.5: four pulses, with half the weight four of twice the distance
 * and four of one and a half of it; how well they fit at the best phase, and
 * how much better than at others.
 */
static void try_pulses(const float *values, struct lag_candidate *c)
{
	int phases = (int)c->lag;
	double sum = 0, squares = 0;

	c->largest = 0;
	for (int phase = 0; phase < phases; phase++) {
		double fit = 0;

		for (int b = 0; b < PULSES; b++)
			fit += at(values, phase + b * c->lag) +
			       0.5 * at(values, phase + b * c->lag * 1.5) +
			       0.5 * at(values, phase + b * c->lag * 2);
		sum += fit;
		squares += fit * fit;
		c->largest = fmax(c->largest, fit);
	}
	sum /= phases;
	c->variance = fmax(0, squares / phases - sum * sum);
}

/* The lag of this segment, or 0. */
static double best_of(struct tempo *tempo)
{
	struct lag_candidate found[CANDIDATES + 1];
	int count = pick(tempo->enhanced, found);
	double largest = 1e-12, variance = 1e-12, best = 0, lag = 0;

	for (int i = 0; i < count; i++) {
		try_pulses(tempo->segment, &found[i]);
		largest += found[i].largest;
		variance += found[i].variance;
	}
	for (int i = 0; i < count; i++) {
		double score = found[i].largest / largest +
			       found[i].variance / variance;

		if (score > best) {
			best = score;
			lag = found[i].lag;
		}
	}
	return lag;
}

static void accumulate(struct tempo *tempo, double lag)
{
	for (int i = 0; i < LAGS; i++) {
		double off = (i - lag) / TEMPO_SPREAD;

		tempo->of.histogram[i] += exp(-0.5 * off * off);
	}
}

/* 0: nothing there. */
static double lag_at(struct tempo *tempo, size_t begin)
{
	size_t n = tempo->of.length - begin;
	double energy = 0;

	memset(tempo->segment, 0, sizeof(tempo->segment));
	memcpy(tempo->segment, tempo->of.strength + begin,
	       (n < SEGMENT ? n : SEGMENT) * sizeof(float));
	for (size_t i = 0; i < SEGMENT; i++)
		energy += tempo->segment[i];
	if (energy < 1e-3)
		return 0;
	correlate(tempo);
	enhance(tempo);
	return best_of(tempo);
}

static void add_segment(struct tempo *tempo, size_t begin)
{
	double lag = lag_at(tempo, begin);

	if (lag <= 0)
		return;
	tempo->of.count++;
	accumulate(tempo, lag);
}

static void add_segments(struct tempo *tempo)
{
	size_t begin = 0;

	do {
		add_segment(tempo, begin);
		begin += HOP;
	} while (begin + SEGMENT <= tempo->of.length);
}

static double peak_of(const double *histogram)
{
	int best = FIRST_LAG;

	for (int i = FIRST_LAG; i <= LAST_LAG; i++) {
		if (histogram[i] > histogram[best])
			best = i;
	}
	return best;
}

/* Of the OSS at a frequency, over segments whose phases do not matter. */
static double power_at(const struct tempo *tempo, double cycles)
{
	size_t size = 8 * SEGMENT;
	double sum = 0;

	for (size_t begin = 0; begin < tempo->of.length; begin += size) {
		double re = 0, im = 0, c = 1, s = 0;
		double turn_c = cos(2 * M_PI * cycles);
		double turn_s = sin(2 * M_PI * cycles);

		for (size_t i = begin; i < begin + size && i < tempo->of.length;
		     i++) {
			double next = c * turn_c - s * turn_s;

			re += tempo->of.strength[i] * c;
			im += tempo->of.strength[i] * s;
			s = s * turn_c + c * turn_s;
			c = next;
		}
		sum += re * re + im * im;
	}
	return sum;
}

/* The best within 3 % in steps of 0.1 %, by the first two harmonics. */
static double refine(const struct tempo *tempo, double lag)
{
	double best = 0, found = lag;

	for (int i = -30; i <= 30; i++) {
		double here = lag * (1 + i / 1000.0);
		double power =
			power_at(tempo, 1 / here) + power_at(tempo, 2 / here);

		if (power > best) {
			best = power;
			found = here;
		}
	}
	return found;
}

/*
 * The chance that the tempo is right within 4 %, octave included, and that
 * there is one: a logistic regression on pieces of known tempo and on sounds
 * without any, by
 * - how likely the beat is among the multiples of the period,
 * - the share of the segments that have the period, or an octave of it,
 * - how much comes again after it,
 * - how much changes at all: little does in a lasting tone.
 */
static double chance_of(const struct tempo_evidence *e)
{
	double sum = CHANCE_OFFSET + CHANCE_OCTAVE * e->octave +
		     CHANCE_SHARE * e->share + CHANCE_CLARITY * e->clarity +
		     CHANCE_CHANGE * e->change;

	return 1 / (1 + exp(-sum));
}

static void find_tempo(struct tempo *tempo, struct measures *measures)
{
	struct tempo_evidence evidence;
	double lag, chance;

	add_segments(tempo);
	if (tempo->of.count == 0)
		return;
	lag = refine(tempo, peak_of(tempo->of.histogram));
	lag = tempo_octave(&tempo->of, lag, &evidence);
	chance = chance_of(&evidence);
	if (chance < LEAST_CHANCE || evidence.change < LEAST_CHANGE)
		return;
	measures->bpm = (float)fmin(TEMPO_FASTEST,
				    fmax(TEMPO_SLOWEST, tempo_bpm_of(lag)));
	measures->bpm_confidence = (float)chance;
	measures->dimensions[DIM_TEMPO_BPM] = measures->bpm;
}

static int prepare_tempo(struct tempo *tempo, const float *strength,
			 size_t count, const struct measures *measures)
{
	int error = fft_create(PADDED, &tempo->fft);

	tempo->of.strength = strength;
	tempo->of.length = count;
	tempo->of.density =
		10 * (double)measures->dimensions[DIM_TRANSIENT_DENSITY];
	tempo->of.events = onsets_events(strength, count);
	if (!error)
		error = recurrence_create(strength, count,
					  &tempo->of.recurrence);
	return error;
}

int tempo_find(const float *strength, size_t count, struct measures *measures)
{
	struct tempo *tempo;
	int error;

	measures->bpm = 0;
	measures->bpm_confidence = 0;
	measures->dimensions[DIM_TEMPO_BPM] = 0;
	if (count < ONSETS_RATE)
		return 0;
	tempo = calloc(1, sizeof(*tempo));
	if (!tempo)
		return -ENOMEM;
	error = prepare_tempo(tempo, strength, count, measures);
	if (!error)
		find_tempo(tempo, measures);
	recurrence_free(tempo->of.recurrence);
	fft_free(tempo->fft);
	free(tempo);
	return error;
}
