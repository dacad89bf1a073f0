/*
 * Whether facts from the database are what a probe would find today. A row has
 * the number of its codec at the time of its probe; if the number has been
 * raised since, the file is probed again. (What the probe finds decides whether
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
