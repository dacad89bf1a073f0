/* See tonality.h. */
#include "analysis/tonality.h"

#include <math.h>

enum { CLASSES = 12 };

/*
 * How often each degree sounds in the pieces of Kostka and Payne's textbook: D.
 * Temperley, "Bayesian models of musical structure and cognition", Musicae
 * Scientiae 8(2), 2004, and "Music and Probability" (MIT Press 2007). Minor has
 * the raised seventh, so dominants count for it.
 */
static const double profiles[2][CLASSES] = {
	{.748, .060, .488, .082, .670, .460, .096, .715, .104, .366, .057,
	 .400},
	{.712, .084, .474, .618, .049, .460, .105, .747, .404, .067, .133,
	 .330},
};

/* Pearson's, with the profile of the key on `tonic`. */
static double correlation(const float *chroma, const double *profile, int tonic)
{
	double mean = 0, level = 0, xy = 0, xx = 0, yy = 0;

	for (int i = 0; i < CLASSES; i++) {
		mean += chroma[i] / CLASSES;
		level += profile[i] / CLASSES;
	}
	for (int i = 0; i < CLASSES; i++) {
		double x = chroma[(i + tonic) % CLASSES] - mean;
		double y = profile[i] - level;

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xx > 1e-12 ? xy / sqrt(xx * yy) : 0;
}

void tonality_find(const float chroma[12], struct measures *measures)
{
	double best = 0, second = 0;

	measures->tonic = 0;
	measures->minor = 0;
	for (int i = 0; i < 2 * CLASSES; i++) {
		double r =
			correlation(chroma, profiles[i / CLASSES], i % CLASSES);

		if (r > best) {
			second = best;
			best = r;
			measures->tonic = (uint32_t)(i % CLASSES);
			measures->minor = (uint32_t)(i / CLASSES);
		} else if (r > second) {
			second = r;
		}
	}
	measures->key_confidence =
		(float)fmin(1, best * fmin(1, (best - second) / 0.1));
}
