/*
 * Fallbacks: segments held in memory because the disk did not take them, within
 * one budget for the whole store; whole ones are dropped, oldest first, to make
 * room. Internal to cache/.
 *
 * Lock order: their lock before that of a fallback's owner, and before the one
 * of all buffers.
 */
#ifndef CACHE_MEMORY_FALLBACK_H
#define CACHE_MEMORY_FALLBACK_H

#include "cache/memory/buffer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Takes in a segment. */
struct fallback {
	struct buffer *bytes;

	/* protected by their lock */
	TAILQ_ENTRY(fallback) link;
	bool droppable;

	/* where the owner keeps this fallback, cleared under the owner's lock
	 */
	struct fallback **slot;
	pthread_mutex_t *owner;
};

struct fallbacks {
	uint64_t limit; /* immutable */

	pthread_mutex_t lock;
	TAILQ_HEAD(, fallback) droppable; /* droppable ones, oldest first */
	uint64_t used;
};

int fallbacks_init(struct fallbacks *fallbacks, uint64_t limit);
void fallbacks_release(struct fallbacks *fallbacks);

/*
 * A new fallback, or NULL: no room, even after dropping everything that can be
 * dropped. The caller holds no owner's lock.
 */
struct fallback *fallbacks_take(struct fallbacks *fallbacks, size_t size);

/*
 * The fallback in `*slot` may be dropped from now on: `*slot` is then set to
 * NULL under `owner`. The caller does not hold `owner`.
 */
void fallbacks_offer(struct fallbacks *fallbacks, struct fallback *fallback,
		     struct fallback **slot, pthread_mutex_t *owner);

/* Frees the fallback in `*slot`, if it is still there, and clears the slot. */
void fallbacks_give_back(struct fallbacks *fallbacks, struct fallback **slot);

#endif
