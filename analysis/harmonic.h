/*
 * How much of the sound is tones and how much is strokes: D. FitzGerald,
 * "Harmonic/percussive separation using median filtering", DAFx 2010. The
 * median over time of a bin keeps what lasts, the median over frequency of a
 * frame keeps what is broad.
 *
 * Takes 22.05 kHz, mono; holds 9 spectra.
 */
#ifndef ANALYSIS_HARMONIC_H
#define ANALYSIS_HARMONIC_H

#include "analysis/measures.h"

#include <stddef.h>

struct harmonic;

/* 0 or -ENOMEM. */
int harmonic_create(struct harmonic **harmonic);
int harmonic_feed(struct harmonic *harmonic, const float *samples,
		  size_t count);
void harmonic_free(struct harmonic *harmonic);

/*
 * Sets harmonic_ratio = rms h / (rms h + rms p), with h and p the spectrogram
 * under Wiener masks (equations 7 and 8 of the paper, p = 2). A lasting tone
 * gives nearly 1, clicks nearly 0, white noise 0.5, silence 0.
 */
void harmonic_finish(struct harmonic *harmonic, struct measures *measures);

#endif
