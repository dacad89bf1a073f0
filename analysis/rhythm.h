/*
 * Onsets, tempo and beats. Internal to analysis/.
 */
#ifndef ANALYSIS_RHYTHM_H
#define ANALYSIS_RHYTHM_H

#include "analysis/measures.h"

#include <stddef.h>

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

/*
 * Tempo of music with a steady beat, after G. Percival and G. Tzanetakis,
 * "Streamlined tempo estimation based on autocorrelation and cross-correlation
 * with pulses", IEEE/ACM TASLP 22(12), 2014; see tempo.c for where this departs
 * from it.
 */

/*
 * Of an onset strength signal, with the transient_density that
 * onsets_finish has set. Sets bpm, bpm_confidence and DIM_TEMPO_BPM: 50 to 210,
 * or 0 when there is no beat in it or less than a second of it. The confidence
 * is the chance that the tempo is right within 4 %, octave included: of music
 * that has 0.8 some eight in ten are. 0 or -ENOMEM; then all three are 0.
 */
int tempo_find(const float *strength, size_t count, struct measures *measures);

/*
 * Beats by dynamic programming: D. P. W. Ellis, "Beat tracking by dynamic
 * programming", Journal of New Music Research 36(1), 2007.
 */

/*
 * In an onset strength signal, with the tempo that
 * measures->bpm says. Sets beats, first_beat and rhythm_stability = 1 / (1 +
 * CV of the intervals between beats), all 0 without a tempo or with fewer than
 * 3 beats. Two bytes per value of the signal while it runs. 0 or -ENOMEM; then
 * all three are 0.
 */
int beats_find(const float *strength, size_t count, struct measures *measures);

#endif
