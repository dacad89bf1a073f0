/*
 * Whether facts from the database are what a probe would say today. A row
 * carries the number its codec had when it was probed; when the number has been
 * raised since, the file is probed again. (What probing finds decides whether
 * anything has to be rendered again: see `revision` in worker/source/source.h.)
 */
#ifndef TRANSCODE_ENGINE_PROBING_H
#define TRANSCODE_ENGINE_PROBING_H

#include "cache/cache.h"

#include <stdbool.h>
#include <stdint.h>

/* `cover_max` as in struct engine_config: pictures above it are scaled. */
uint32_t probing_version(const struct facts *facts, unsigned cover_max);
bool probing_is_current(const struct facts *facts, unsigned cover_max);

#endif
