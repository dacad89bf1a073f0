/*
 * The key by correlation of the chroma with profiles of the 24 keys, the method
 * of C. L. Krumhansl, "Cognitive Foundations of Musical Pitch" (Oxford 1990,
 * chapter 4).
 */
#ifndef ANALYSIS_TONALITY_H
#define ANALYSIS_TONALITY_H

#include "analysis/measures.h"

/*
 * Of a chroma vector: C, C sharp, to B. Sets tonic, minor and key_confidence:
 * the correlation with the best key, less the more the second best is like it
 * (all of it counts when that is 0.1 lower). All 0 when nothing correlates.
 */
void tonality_find(const float chroma[12], struct measures *measures);

#endif
