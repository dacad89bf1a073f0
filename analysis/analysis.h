/*
 * The front door of analysis/ for the daemon and its commands: a track's
 * measures, the sizes of its pictures and peaks, and the texts made from them.
 * How audio is measured is for the workers (pass.h).
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "analysis/measures.h"
#include "analysis/peaks.h"
#include "analysis/pictures/pictures.h"
#include "analysis/sidecars/dimensions.h"
#include "analysis/sidecars/sidecar.h"

#endif
