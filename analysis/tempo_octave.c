/* See tempo_octave.h; the sources of the terms are at `plausible`. */
#include "analysis/tempo_octave.h"

#include "analysis/onsets.h"

#include <math.h>

/* See `plausible`; spreads are in octaves. */
#define USUAL_BPM 110.0
#define USUAL_BPM_SPREAD 0.43
#define USUAL_EVENTS 1.4 /* onsets a beat */
#define USUAL_EVENTS_SPREAD 0.456
#define SPARSE 0.5 /* onsets a second */
#define SHARE_WEIGHT 5.0
#define PULSES_WEIGHT 8.5
#define HALF_WEIGHT -49.0
#define DOTTED_WEIGHT -43.0
#define FOUR_WEIGHT 47.0
#define BAR_WEIGHT 55.0
#define SIMILAR_LEAST 0.2 /* of that of the lag found first */

double tempo_bpm_of(double lag)
{
	return 60 * ONSETS_RATE / lag;
}

double tempo_share(const struct tempo_segments *of, double sum)
{
	return fmin(1,
		    sum / ((double)of->count * TEMPO_SPREAD * sqrt(2 * M_PI)));
}

/*
 * The mean autocorrelation's largest value near a lag, not negative, as if all
 * lags were measured over as many values.
 */
static double similar_near(const struct tempo_segments *of, double lag)
{
	int middle = (int)lround(lag);
	double best = 0;

	for (int i = middle - 2; i <= middle + 2; i++)
		best = fmax(best, of->similar[i]);
	return best / (double)of->count / (1 - lag / TEMPO_SEGMENT);
}

/* Of the segments, those whose tempo is this one within 4 %. */
static double share_near(const struct tempo_segments *of, double lag)
{
	double near = 0;

	for (int i = 1; i < TEMPO_LAGS; i++) {
		if (fabs(log2(i / lag)) < log2(1.04))
			near += of->histogram[i];
	}
	return tempo_share(of, near);
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

/*
 * Octaves from the usual number of onsets in a beat. Fewer than SPARSE a second
 * say nothing: 0.
 */
static double events_off(double density, double bpm)
{
	return density >= SPARSE ? log2(density * 60 / bpm / USUAL_EVENTS) : 0;
}

static struct tempo_candidate candidate_of(const struct tempo_segments *of,
					   double lag)
{
	double bpm = tempo_bpm_of(lag);
	double four = similar_near(of, 4 * lag);

	return (struct tempo_candidate){
		.lag = lag,
		.tempo = log2(bpm / USUAL_BPM),
		.events = events_off(of->density, bpm),
		.share = share_near(of, lag),
		.pulses = pulses_fit(of, lag),
		.half = similar_near(of, lag / 2),
		.dotted = similar_near(of, lag * 3 / 4),
		.four = four,
		.bar = fmax(four, similar_near(of, 3 * lag)),
	};
}

/*
 * Waltzes are found at the bar, a third of the tempo; triplets at two thirds of
 * a beat. A lag after which next to nothing comes again is no beat.
 */
size_t tempo_candidates(const struct tempo_segments *of, double lag,
			struct tempo_candidate found[TEMPO_CANDIDATES])
{
	const double others[] = {0.5, 2, 1 / 3.0, 1.5};
	double least = SIMILAR_LEAST * similar_near(of, lag);
	size_t count = 1;

	found[0] = candidate_of(of, lag);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		double other = lag * others[i];
		double bpm = tempo_bpm_of(other);

		if (bpm >= TEMPO_SLOWEST - 1 && bpm <= TEMPO_FASTEST + 1 &&
		    similar_near(of, other) >= least)
			found[count++] = candidate_of(of, other);
	}
	return count;
}

static double gaussian(double octaves, double spread)
{
	octaves /= spread;
	return -0.5 * octaves * octaves;
}

/*
 * What comes again after parts of a beat and after a bar. If much does after
 * half a beat, or after three quarters, the beat is a faster one. Music comes
 * again after a bar (J. C. Brown, "Determination of the meter of musical scores
 * by autocorrelation", JASA 94(4), 1993): of four beats mostly, or of three.
 */
static double metrical(const struct tempo_candidate *c)
{
	return HALF_WEIGHT * c->half + DOTTED_WEIGHT * c->dotted +
	       FOUR_WEIGHT * c->four + BAR_WEIGHT * c->bar;
}

/*
 * A logarithm of how plausible a tempo is, of five terms:
 * - people prefer moderate tempi: a Gaussian over log2(bpm) (D. P. W. Ellis,
 *   "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007,
 *   equation 9; his centre is 120);
 * - a beat has one or two onsets: a Gaussian over log2(onsets per beat). That
 *   listeners choose the octave by the density of events is found by A.
 *   Elowsson and A. Friberg, "Modeling the perception of tempo", JASA 137(6),
 *   2015;
 * - the histogram: how many of the segments have it;
 * - the cross-correlation with pulses (tempo.h's paper, section II-B.5), here
 *   of all of a segment;
 * - the autocorrelation at parts and multiples of it, as in A. Gkiokas, V.
 *   Katsouros and G. Carayannis, "Reducing tempo octave errors by periodicity
 *   vector coding and SVM learning", ISMIR 2012.
 * The spreads and the weights maximise the likelihood of the written tempo
 * among the multiples above: a conditional logit (D. McFadden, "Conditional
 * logit analysis of qualitative choice behavior", 1974) with a penalty on
 * squared weights. That was for the first corpus of tests/bench/music_truth.py,
 * 404 more pieces of its styles and of eleven others, 116 of these again with
 * uneven time, and click tracks; the terms and the penalty are those that did
 * best on styles left out. tests/bench/tempo_training.py finds them again.
 */
static double plausible(const struct tempo_candidate *c)
{
	return gaussian(c->tempo, USUAL_BPM_SPREAD) +
	       gaussian(c->events, USUAL_EVENTS_SPREAD) +
	       SHARE_WEIGHT * c->share + PULSES_WEIGHT * c->pulses +
	       metrical(c);
}

double tempo_octave(const struct tempo_segments *of, double lag)
{
	struct tempo_candidate found[TEMPO_CANDIDATES];
	size_t count = tempo_candidates(of, lag, found);
	double most = plausible(&found[0]);
	double best = lag;

	for (size_t i = 1; i < count; i++) {
		double score = plausible(&found[i]);

		if (score > most) {
			most = score;
			best = found[i].lag;
		}
	}
	return best;
}
