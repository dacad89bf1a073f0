/*
 * A rendition: track x profile, the bytes of one virtual file.
 *
 *   tag (an entry of one segment) | head (from the plan) |
 *   body (an entry of many segments, or blocks) | tail (from the plan)
 *
 * Shared, counted. Any thread.
 */
#ifndef TRANSCODE_ENGINE_RENDITION_H
#define TRANSCODE_ENGINE_RENDITION_H

#include "transcode/engine/asker.h"
#include "transcode/engine/track.h"
#include "transcode/plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct rendition;

/* The exact size of the file, by arithmetic: opens nothing. */
uint64_t rendition_size_of(const struct track *track, const struct plan *plan);

/*
 * A number for the settings that change the bytes but perhaps not the size: 0
 * if all have their defaults, or do not matter to this file.
 */
uint32_t rendition_settings(const struct engine *engine,
			    const struct track *track, const struct plan *plan);

/* Opens its cache entries. Takes a reference to the track. -errno: -ENOMEM. */
int rendition_open(struct engine *engine, struct track *track,
		   const struct plan *plan, struct rendition **rendition);

/*
 * Keeps the source open, for a reader who may read what is not in the cache
 * yet after it was renamed or deleted. Before the rendition is shared.
 */
void rendition_hold_source(struct rendition *rendition);

struct rendition *rendition_ref(struct rendition *rendition);
void rendition_unref(struct rendition *rendition); /* NULL is allowed */

uint64_t rendition_size(const struct rendition *rendition);

/*
 * Every byte is in the cache. (What an earlier mount left there is verified
 * when it is first read, and rendered again if it is damaged.)
 */
bool rendition_complete(struct rendition *rendition);

/*
 * Called once, on any thread, perhaps before rendition_read() returns, with
 * `err` 0 and the bytes (fewer than asked for only at the file's end), or with
 * a negative errno: -EIO (it cannot be rendered; the log says why), -ESTALE
 * (the source has changed and these bytes were never rendered), -ENOMEM.
 */
typedef void rendition_read_fn(void *arg, int err, const void *bytes,
			       size_t size);

/* Reads [offset, offset + size). -ECANCELED: the asker did not wait. */
void rendition_read(struct rendition *rendition, uint64_t offset, size_t size,
		    const struct asker *asker, rendition_read_fn *fn,
		    void *arg);

/* The key of its body: in the cache, or in the pool. */
struct key rendition_key(const struct rendition *rendition);

/*
 * How many of its segments are cached. False: it has no entry, but consists of
 * blocks in the pool.
 */
bool rendition_kept(struct rendition *rendition, uint32_t *there,
		    uint32_t *all);

/* If it has an entry: whether a certain segment is cached. */
bool rendition_has(struct rendition *rendition, uint32_t segment);

/* Why it last failed to be rendered; or "". */
void rendition_failure(struct rendition *rendition, char *text, size_t size);
void rendition_set_failure(struct rendition *rendition, const char *reason);

/*
 * Copies bytes that are all in the cache; false: some are not. The range must
 * lie within the file.
 */
bool rendition_copy(struct rendition *rendition, uint64_t offset, void *bytes,
		    size_t size);

/*
 * A reader is playing this file and has come to `offset`: renders what follows,
 * then the rest, in the background, until rendition_idle() or all is there.
 */
void rendition_fill(struct rendition *rendition, uint64_t offset);

/* The same, after every open file: the next track of an album. */
void rendition_fill_next(struct rendition *rendition);

/*
 * Makes all that the cache lacks, at the lowest priority. `fn` is called once,
 * on any thread, perhaps before this returns: 0, -ENOSPC (the cache's disk
 * takes no more), or as rendition_read_fn.
 */
typedef void rendition_made_fn(void *arg, int err);
void rendition_make(struct rendition *rendition, bool (*stopped)(void *arg),
		    rendition_made_fn *fn, void *arg);

/* Some of it is silence in place of damage, and gone when it is closed. */
bool rendition_is_for_now(const struct rendition *rendition);

/* Nobody has it open any more: stop filling it. */
void rendition_idle(struct rendition *rendition);

#endif
