/* See tempo_octave.h; the sources of the terms are at `describe`. */
#include "analysis/tempo_octave.h"

#include "analysis/recurrence.h"
#include "analysis/rhythm.h"

#include <math.h>

#define USUAL_BPM 110.0
#define USUAL_EVENTS 1.5 /* onsets a beat */
enum { PARTS = 10 };	 /* of a lag, looked at */

#define LEAST_CLARITY 0.01
#define LEAST_CHANGE 1e-6
#define SUREST 5.0  /* log odds */
#define FEWEST 0.05 /* onsets a second: fewer count as so many */

double tempo_bpm_of(double lag)
{
	return 60 * ONSETS_RATE / lag;
}

/* Of the segments, those whose own tempo is that of a lag within 4 %, or an
   octave of it. */
static double share_of(const struct tempo_segments *of, double lag)
{
	double near = 0;

	for (int i = 1; i < TEMPO_LAGS; i++) {
		double octaves = log2(i / lag);

		if (fabs(octaves - round(octaves)) < log2(1.04))
			near += of->histogram[i];
	}
	near /= (double)of->count * TEMPO_SPREAD * sqrt(2 * M_PI);
	return fmin(1, near);
}

static double sum_of(const float *values)
{
	double sum = 0;

	for (size_t i = 0; i < TEMPO_SEGMENT; i++)
		sum += (double)values[i];
	return sum;
}

/* The mean of a segment's values at pulses, at the phase that fits best. */
static double fit_of(const float *values, double lag)
{
	double best = 0;

	for (int phase = 0; phase < lag; phase++) {
		double sum = 0;
		int pulses = 0;

		for (double at = phase; at < TEMPO_SEGMENT; at += lag) {
			sum += (double)values[(size_t)at];
			pulses++;
		}
		best = fmax(best, sum / pulses);
	}
	return best;
}

/* A logarithm of how much stronger the OSS is at pulses than in the mean. */
static double pulses_fit(const struct tempo_segments *of, double lag)
{
	double fit = 0, mean = 0;

	for (size_t begin = 0; begin + TEMPO_SEGMENT <= of->length;
	     begin += TEMPO_SEGMENT / 4) {
		fit += fit_of(of->strength + begin, lag);
		mean += sum_of(of->strength + begin) / TEMPO_SEGMENT;
	}
	return fit > 0 && mean > 0 ? log(fit / mean) : 0;
}

/* Octaves from the usual number of onsets in a beat, bounded. */
static double events_off(double density, double bpm)
{
	double off = log2(fmax(density, FEWEST) * 60 / bpm / USUAL_EVENTS);

	return fmin(2, fmax(-2, off));
}

/*
 * What tells a beat from its half or its double:
 * - people prefer moderate tempi: a parabola over log2(bpm) (D. P. W. Ellis,
 *   "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007,
 *   equation 9);
 * - a beat has one or two onsets: parabolas over log2(onsets a beat), of two
 *   ways to count, since either fails in some music (A. Elowsson and A.
 *   Friberg, "Modeling the perception of tempo", JASA 137(6), 2015). Bounded:
 *   a count that fails must not outweigh all others;
 * - the cross-correlation with pulses (rhythm.h's paper, section II-B.5), here
 *   of all of a segment;
 * - what comes again after parts and multiples of it, as in A. Gkiokas, V.
 *   Katsouros and G. Carayannis, "Reducing tempo octave errors by periodicity
 *   vector coding and SVM learning", ISMIR 2012.
 */
static struct tempo_candidate describe(const struct tempo_segments *of,
				       double lag)
{
	static const double parts[PARTS] = {0.25, 1 / 3.0, 0.5, 0.75, 1,
					    1.5,  2,	   3,	4,    8};
	double bpm = tempo_bpm_of(lag);
	double tempo = log2(bpm / USUAL_BPM);
	double onsets = events_off(of->density, bpm);
	double events = events_off(of->events, bpm);
	struct tempo_candidate found = {
		.lag = lag,
		.terms = {tempo, tempo * tempo, onsets, onsets * onsets, events,
			  events * events, pulses_fit(of, lag)},
	};
	double *again = found.terms + TEMPO_TERMS - PARTS;

	for (int i = 0; i < PARTS; i++)
		again[i] = recurrence_at(of->recurrence, parts[i] * lag);
	found.clarity = fmax(again[4], fmax(again[6], again[8]));
	return found;
}

size_t tempo_candidates(const struct tempo_segments *of, double lag,
			struct tempo_candidate found[TEMPO_CANDIDATES])
{
	static const double multiples[TEMPO_CANDIDATES] = {
		0.25, 1 / 3.0, 0.5, 2 / 3.0, 0.75, 1, 4 / 3.0, 1.5, 2, 3, 4};
	size_t count = 0;

	for (size_t i = 0; i < TEMPO_CANDIDATES; i++) {
		double bpm = tempo_bpm_of(lag * multiples[i]);

		if (multiples[i] == 1 ||
		    (bpm >= TEMPO_SLOWEST && bpm <= TEMPO_FASTEST))
			found[count++] = describe(of, lag * multiples[i]);
	}
	return count;
}

/*
 * The weights maximize the likelihood of the written tempo among the candidates
 * (a conditional logit: D. McFadden, "Conditional logit analysis of qualitative
 * choice behavior", 1974) with a penalty on squared weights, of two thirds of
 * the music in tests/bench/tempo_corpus.py and of the same music distorted and
 * under noise; tests/bench/tempo_training.py finds them again.
 */
static const double weights[TEMPO_TERMS] = {
	0.367, -2.61, -0.289, -0.4, -0.00437, -0.335, 3.95, -3.57, -17.3,
	-4.07, -3.17, 4.26,   3.83, 9.5,      9.47,   10.3, 3.33,
};

static double plausible(const struct tempo_candidate *c)
{
	double sum = 0;

	for (int i = 0; i < TEMPO_TERMS; i++)
		sum += weights[i] * c->terms[i];
	return sum;
}

void tempo_weigh(const struct tempo_segments *of, double period,
		 const struct tempo_candidate *candidate,
		 struct tempo_evidence *evidence)
{
	double sum = 0;

	for (size_t i = 0; i < of->length; i++)
		sum += (double)of->strength[i];
	evidence->share = share_of(of, period);
	evidence->clarity = log(fmax(candidate->clarity, LEAST_CLARITY));
	evidence->change = log(sum / (double)of->length + LEAST_CHANGE);
}

double tempo_octave(const struct tempo_segments *of, double lag,
		    struct tempo_evidence *evidence)
{
	struct tempo_candidate found[TEMPO_CANDIDATES];
	size_t count = tempo_candidates(of, lag, found), best = 0;
	double most = plausible(&found[0]), others = 0;

	for (size_t i = 1; i < count; i++) {
		double score = plausible(&found[i]);

		if (score > most) {
			most = score;
			best = i;
		}
	}
	for (size_t i = 0; i < count; i++)
		others += i == best ? 0 : exp(plausible(&found[i]) - most);
	tempo_weigh(of, lag, &found[best], evidence);
	evidence->octave = -log(fmax(others, exp(-SUREST)));
	return found[best].lag;
}
