/* The front door of transcode/: plans, and the engine that makes bytes. */
#ifndef TRANSCODE_TRANSCODE_H
#define TRANSCODE_TRANSCODE_H

#include "transcode/analysis.h"
#include "transcode/engine.h"
#include "transcode/plan.h"
#include "transcode/profile.h"
#include "transcode/rendition.h"
#include "transcode/track.h"

#endif
