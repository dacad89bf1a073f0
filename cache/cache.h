/*
 * The front door of cache/: rendered bytes, and where they are kept. Knows
 * neither FUSE nor audio.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "cache/disk/entry.h"
#include "cache/disk/facts.h"
#include "cache/disk/inspect.h"
#include "cache/disk/store.h"
#include "cache/key.h"
#include "cache/memory/blocks.h"
#include "cache/memory/buffer.h"
#include "cache/memory/buffer_metrics.h"
#include "cache/memory/pressure.h"
#include "cache/memory/resident.h"
#include "cache/memory/ring.h"

#endif
