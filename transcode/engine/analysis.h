/*
 * Reads the analysis of a track (analysis_plan.h): resident, from the cache, or
 * made.
 */
#ifndef TRANSCODE_ENGINE_ANALYSIS_H
#define TRANSCODE_ENGINE_ANALYSIS_H

#include "transcode/engine/rendition.h"
#include "transcode/plan/analysis_plan.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Reads [offset, offset + size) of a part, which must lie within it. A resident
 * part is given at once; any other is read from the cache, or made, and becomes
 * resident. `fn` as for rendition_read(). Counts analysis_hits and
 * analysis_misses.
 */
void analysis_read(struct rendition *rendition, enum analysis_part part,
		   uint64_t offset, size_t size, const struct asker *asker,
		   rendition_read_fn *fn, void *arg);

/*
 * An analysis failed. If that happens again, whoever asks for it is told at
 * once, as long as the failure is resident.
 */
void analysis_failed(struct rendition *rendition, const char *reason);

/* An analysis was just made: counts it and the time of its stages. */
void analysis_count(struct rendition *rendition);

#endif
