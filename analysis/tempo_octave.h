/*
 * Which multiple of a lag is the beat. Tempo estimators find the period of
 * music but not whether a beat is one of it, half or two: the part of tempo.c
 * that decides.
 */
#ifndef ANALYSIS_TEMPO_OCTAVE_H
#define ANALYSIS_TEMPO_OCTAVE_H

#include <stddef.h>

#define TEMPO_SLOWEST 50.0 /* BPM */
#define TEMPO_FASTEST 210.0

/* In values of the OSS (see onsets.h). */
enum { TEMPO_SEGMENT = 1024, TEMPO_LAGS = 209 };

/* Of the histogram's Gaussians: the paper has 10 at 345 Hz. */
#define TEMPO_SPREAD 5.0

/* An OSS, and sums over its segments by lag. */
struct tempo_segments {
	const float *strength;
	size_t length;
	double histogram[TEMPO_LAGS];  /* a Gaussian at each one's lag */
	double similar[TEMPO_SEGMENT]; /* autocorrelations, 1 at 0 */
	size_t count;		       /* of segments in the sums */
	double density;		       /* onsets a second */
};

/* A lag that may be the beat, and what speaks for it or against. */
struct tempo_candidate {
	double lag;
	double tempo;  /* octaves from a usual one */
	double events; /* octaves from a usual number of onsets in a beat */
	double share;  /* of the segments, those of this tempo */
	double pulses; /* log of how well pulses fit */

	/* How much comes again, 0 to about 1, after: */
	double half;   /* of the lag */
	double dotted; /* three quarters of it */
	double four;   /* of it */
	double bar;    /* four or three of it, what is more */
};

/* Of a lag, it included. */
enum { TEMPO_CANDIDATES = 5 };

double tempo_bpm_of(double lag);

/* The share of the segments that a sum over the histogram is. */
double tempo_share(const struct tempo_segments *of, double sum);

/* How many multiples of the histogram's peak may be the beat; it is first. */
size_t tempo_candidates(const struct tempo_segments *of, double lag,
			struct tempo_candidate found[TEMPO_CANDIDATES]);

/* Of the histogram's peak, at least one segment: the lag of a beat. */
double tempo_octave(const struct tempo_segments *of, double lag);

#endif
