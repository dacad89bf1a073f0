/*
 * Beats by dynamic programming: D. P. W. Ellis, "Beat tracking by dynamic
 * programming", Journal of New Music Research 36(1), 2007.
 */
#ifndef ANALYSIS_BEATS_H
#define ANALYSIS_BEATS_H

#include "analysis/measures.h"

#include <stddef.h>

/*
 * In an onset strength signal (see onsets.h), with the tempo that
 * measures->bpm says. Sets beats, first_beat and rhythm_stability = 1 / (1 +
 * CV of the intervals between beats), all 0 without a tempo or with fewer than
 * 3 beats. Two bytes per value of the signal while it runs. 0 or -ENOMEM; then
 * all three are 0.
 */
int beats_find(const float *strength, size_t count, struct measures *measures);

#endif
