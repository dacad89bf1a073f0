/*
 * The front door of cache/: bytes that are made, and where they are kept.
 * Knows neither FUSE nor audio.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "cache/blocks.h"
#include "cache/buffer.h"
#include "cache/entry.h"
#include "cache/facts.h"
#include "cache/inspect.h"
#include "cache/key.h"
#include "cache/pressure.h"
#include "cache/resident.h"
#include "cache/ring.h"
#include "cache/store.h"

#endif
