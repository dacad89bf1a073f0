/*
 * The front door of analysis/ for the daemon and its commands: what a track's
 * measures are, how large its pictures and peaks are, and the texts made of
 * them. How audio is measured is the workers' (pass.h).
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "analysis/measures.h"
#include "analysis/peaks.h"
#include "analysis/pictures/pictures.h"
#include "analysis/sidecars/dimensions.h"
#include "analysis/sidecars/sidecar.h"

#endif
