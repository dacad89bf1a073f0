/* The front door of transcode/: plans, and the engine that makes bytes. */
#ifndef TRANSCODE_TRANSCODE_H
#define TRANSCODE_TRANSCODE_H

#include "transcode/engine/analysis.h"
#include "transcode/engine/engine.h"
#include "transcode/engine/rendition.h"
#include "transcode/engine/track.h"
#include "transcode/plan/plan.h"
#include "transcode/plan/profile.h"

#endif
