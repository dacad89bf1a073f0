/*
 * The onset strength signal (OSS): how much the sound changes, 172 times a
 * second. Tempo and beats are found in it.
 *
 * G. Percival, G. Tzanetakis, "Streamlined tempo estimation based on
 * autocorrelation and cross-correlation with pulses", IEEE/ACM TASLP 22(12),
 * 2014, section II-A: flux of ln(1 + 200 |X| / the loudest |X| of the last
 * seconds) over the bins that grow, low-passed at 7 Hz. There with frames of
 * 1024 every 128 samples at 44.1 kHz; here with frames of the same length (23
 * ms) at half the rate (5.8 ms).
 *
 * Takes 22.05 kHz, mono. Four bytes per 128 samples: 25 MB for ten hours.
 */
#ifndef ANALYSIS_ONSETS_H
#define ANALYSIS_ONSETS_H

#include "analysis/measures.h"

#include <stddef.h>

#define ONSETS_HOP 128
#define ONSETS_RATE ((double)MEASURES_MONO_RATE / ONSETS_HOP) /* Hz */

/*
 * The signal has a value each ONSETS_HOP samples: the change around them.
 * Finite, not negative.
 *
 * Events a second in such a signal: largest within 30 ms, and above the median
 * of their 4 s by 0.3 of the distance from there to the 97th percentile. Unlike
 * the onsets above they are found in dense music, too.
 */
double onsets_events(const float *strength, size_t count);

#endif
