/*
 * Which of the twelve pitch classes sound, of spectral peaks with logarithmic
 * compression: E. Gomez, "Tonal description of music audio signals" (PhD
 * thesis, UPF 2006, chapter 3) for peaks and tuning, M. Mueller, "Fundamentals
 * of Music Processing" (Springer 2015, section 3.1.2) for the compression.
 *
 * Takes 22.05 kHz, mono.
 */
#ifndef ANALYSIS_CHROMA_H
#define ANALYSIS_CHROMA_H

#include "analysis/measures.h"

#include <stddef.h>

struct chroma;

/* 0 or -ENOMEM. */
int chroma_create(struct chroma **chroma);
int chroma_feed(struct chroma *chroma, const float *samples, size_t count);
void chroma_free(struct chroma *chroma);

/*
 * Sets chroma_energy: the mean over the frames that are not silent of the mean
 * of the chroma vector, whose largest entry is scaled to 1. One pitch class
 * alone gives 1/12, a triad about 1/4, all alike 1, silence 0.
 */
void chroma_finish(struct chroma *chroma, struct measures *measures);

/*
 * The mean over all frames (each of sum 1), after chroma_finish: C, C sharp, to
 * B, relative to the tuning of the track. All 0 for silence.
 */
void chroma_mean(const struct chroma *chroma, float mean[12]);

#endif
