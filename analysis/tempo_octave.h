/*
 * Which multiple of a lag is the beat. Tempo estimators find the period of
 * music but not whether a beat is one of it, half or two: the part of tempo.c
 * that decides.
 */
#ifndef ANALYSIS_TEMPO_OCTAVE_H
#define ANALYSIS_TEMPO_OCTAVE_H

#include <stddef.h>

struct recurrence;

#define TEMPO_SLOWEST 50.0 /* BPM */
#define TEMPO_FASTEST 210.0

/* In values of the OSS (see rhythm.h). */
enum { TEMPO_SEGMENT = 1024, TEMPO_LAGS = 209 };

/* Of the histogram's Gaussians: the paper has 10 at 345 Hz. */
#define TEMPO_SPREAD 5.0

/* An OSS, and sums over its segments by lag. */
struct tempo_segments {
	const float *strength;
	size_t length;
	struct recurrence *recurrence;
	double histogram[TEMPO_LAGS]; /* a Gaussian at each one's lag */
	size_t count;		      /* of segments in the sums */
	double density;		      /* onsets a second */
	double events;		      /* see onsets_events */
};

/* What speaks for a lag, or against; see tempo_octave.c. */
enum { TEMPO_TERMS = 17, TEMPO_CANDIDATES = 11 };

struct tempo_candidate {
	double lag;
	double terms[TEMPO_TERMS];
	double clarity; /* how much comes again after it, 2 or 4 of it */
};

/* What the chance that a tempo is right depends on. */
struct tempo_evidence {
	double octave;	/* log odds of the beat among the candidates, to 5 */
	double share;	/* of the segments, those of the period */
	double clarity; /* a logarithm, of the beat's */
	double change;	/* a logarithm, of the mean of the OSS */
};

double tempo_bpm_of(double lag);

/* The multiples of a lag that may be the beat: at least one. */
size_t tempo_candidates(const struct tempo_segments *of, double lag,
			struct tempo_candidate found[TEMPO_CANDIDATES]);

/* All of `evidence` but the octave, for a candidate of that period. */
void tempo_weigh(const struct tempo_segments *of, double period,
		 const struct tempo_candidate *candidate,
		 struct tempo_evidence *evidence);

/* Of the histogram's peak, at least one segment: the lag of a beat, and what
   speaks for it. */
double tempo_octave(const struct tempo_segments *of, double lag,
		    struct tempo_evidence *evidence);

#endif
