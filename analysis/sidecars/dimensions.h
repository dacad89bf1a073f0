/* The names of the 25 dimensions, as every file has them. */
#ifndef ANALYSIS_DIMENSIONS_H
#define ANALYSIS_DIMENSIONS_H

#include "analysis/measures.h"

extern const char *const dimension_names[DIMENSIONS];

#endif
