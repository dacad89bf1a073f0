/*
 * What a mastering chain could aim at for a track: fixed for the whole track,
 * so that its pieces are treated alike. The formulas are groovefs's own rules
 * of thumb:
 *
 *   loudness   0.4 lufs - 8.4       -14 stays, what is far off comes nearer
 *   crest      0.85 crest_db, at least 10 dB
 *   bands      half a dB for each percent of power that a band has less than
 *              the ideal (5, 15, 18, 22, 20, 13, 7 %), within +-6 dB
 *   compression 2.5 : 1, 60 % of it mixed in
 */
#ifndef ANALYSIS_TARGETS_H
#define ANALYSIS_TARGETS_H

#include "analysis/measures.h"

enum { TARGETS_BANDS = 7 };

/* In the order of the first seven dimensions. */
extern const char *const targets_band_names[TARGETS_BANDS];

struct targets {
	double lufs;
	double crest_db;
	double eq_db[TARGETS_BANDS]; /* 0 where there is no power at all */
	double ratio;
	double amount; /* 0 to 1 */
};

void targets_of(const float dimensions[DIMENSIONS], struct targets *targets);

#endif
