/*
 * The fundamental frequency: A. de Cheveigne and H. Kawahara, "YIN, a
 * fundamental frequency estimator for speech and music", JASA 111(4), 2002.
 *
 * Takes 22.05 kHz, mono.
 */
#ifndef ANALYSIS_PITCH_H
#define ANALYSIS_PITCH_H

#include "analysis/measures.h"

#include <stddef.h>

struct pitch;

/* 0 or -ENOMEM. */
int pitch_create(struct pitch **pitch);
int pitch_feed(struct pitch *pitch, const float *samples, size_t count);
void pitch_free(struct pitch *pitch);

/*
 * Sets pitch_stability = 1 / (1 + 10 CV) of the fundamental frequencies, 65 to
 * 2093 Hz, of the voiced frames; 0 with fewer than two of them.
 */
void pitch_finish(struct pitch *pitch, struct measures *measures);

#endif
