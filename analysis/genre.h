/*
 * A guess at a track's genre. It is a heuristic and no more: each genre has a
 * typical value of a few dimensions and how far tracks stray from it, both
 * set by hand; what lies nearest is the estimate. The confidence is how well it
 * fits, less how well the second does.
 */
#ifndef ANALYSIS_GENRE_H
#define ANALYSIS_GENRE_H

#include "analysis/measures.h"

/* Goes into files: to be changed when the same dimensions give another guess.
 */
#define GENRE_METHOD "nearest of 8 hand-set prototypes, version 1"

struct genre {
	const char *name;  /* "unknown" when the confidence is low */
	double confidence; /* 0 to 1; of what is named, or would have been */
};

struct genre genre_of(const float dimensions[DIMENSIONS]);

#endif
