/* Reading the analysis of a track (analysis_plan.h) from memory or the cache.
 */
#ifndef TRANSCODE_ENGINE_ANALYSIS_H
#define TRANSCODE_ENGINE_ANALYSIS_H

#include "transcode/engine/rendition.h"
#include "transcode/plan/analysis_plan.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Reads [offset, offset + size) of a part, which must lie within it. What is
 * resident in memory is given at once; else it is read from the cache, or made,
 * and becomes resident. `fn` as for rendition_read(). Counts analysis_hits and
 * analysis_misses.
 */
void analysis_read(struct rendition *rendition, enum analysis_part part,
		   uint64_t offset, size_t size, const struct asker *asker,
		   rendition_read_fn *fn, void *arg);

/*
 * One could not be made. When that happens again, who asks for it is told so at
 * once, as long as that is resident in memory.
 */
void analysis_failed(struct rendition *rendition, const char *reason);

/* One was just made: counts it, and what its stages took. */
void analysis_count(struct rendition *rendition);

#endif
