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

struct onsets;

#define ONSETS_HOP 128
#define ONSETS_RATE (22050.0 / ONSETS_HOP) /* Hz */

/* 0 or -ENOMEM. */
int onsets_create(struct onsets **onsets);
int onsets_feed(struct onsets *onsets, const float *samples, size_t count);
void onsets_free(struct onsets *onsets);

/*
 * The stream has ended. Sets transient_density: onsets per second / 10, at most
 * 1. An onset is a value of the OSS that is the largest within 30 ms, and above
 * 1.5 times the mean of the second around it and 0.003 (after S. Boeck, F.
 * Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
 * methods", ISMIR 2012, section 2.3).
 */
void onsets_finish(struct onsets *onsets, struct measures *measures);

/*
 * The whole signal, after onsets_finish: value n is the change around sample
 * n * ONSETS_HOP. Finite, not negative. It lives as long as the object.
 */
const float *onsets_strength(const struct onsets *onsets, size_t *count);

/*
 * Events a second in such a signal: largest within 30 ms, and above the median
 * of their 4 s by 0.3 of the distance from there to the 97th percentile. Unlike
 * the onsets above they are found in dense music, too.
 */
double onsets_events(const float *strength, size_t count);

#endif
