/*
 * Tempo of music with a steady beat, after G. Percival and G. Tzanetakis,
 * "Streamlined tempo estimation based on autocorrelation and cross-correlation
 * with pulses", IEEE/ACM TASLP 22(12), 2014; see tempo.c for where this departs
 * from it.
 */
#ifndef ANALYSIS_TEMPO_H
#define ANALYSIS_TEMPO_H

#include "analysis/measures.h"

#include <stddef.h>

/*
 * Of an onset strength signal (see onsets.h), with the transient_density that
 * onsets_finish has set. Sets bpm, bpm_confidence and DIM_TEMPO_BPM: 50 to 210,
 * or 0 when there is no beat in it or less than a second of it. The confidence
 * is the chance that the tempo is right within 4 %, octave included: of music
 * that has 0.8 some eight in ten are. 0 or -ENOMEM; then all three are 0.
 */
int tempo_find(const float *strength, size_t count, struct measures *measures);

#endif
