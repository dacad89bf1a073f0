/*
 * Segments held in memory while the disk does not take them, under one budget
 * for the whole store: whole ones are dropped, oldest first, to make room.
 * Internal to cache/.
 *
 * Lock order: the memory's lock before a refuge owner's, and before the one of
 * all buffers.
 */
#ifndef CACHE_MEMORY_MEMORY_H
#define CACHE_MEMORY_MEMORY_H

#include "cache/memory/buffer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* What takes a segment in. */
struct refuge {
	struct buffer *bytes;

	/* protected by the memory's lock */
	TAILQ_ENTRY(refuge) link;
	bool droppable;

	/* where the owner keeps this refuge, cleared under the owner's lock */
	struct refuge **slot;
	pthread_mutex_t *owner;
};

struct memory {
	uint64_t limit; /* immutable */

	pthread_mutex_t lock;
	TAILQ_HEAD(, refuge) refuges; /* droppable ones, oldest first */
	uint64_t used;
};

int memory_init(struct memory *memory, uint64_t limit);
void memory_release(struct memory *memory);

/*
 * A new refuge, or NULL: no room, even after all that is droppable was
 * dropped. The caller holds no owner's lock.
 */
struct refuge *memory_take(struct memory *memory, size_t size);

/*
 * The refuge, which lies in `*slot`, may be dropped from now on: `*slot` is
 * then set to NULL under `owner`. The caller does not hold `owner`.
 */
void memory_offer(struct memory *memory, struct refuge *refuge,
		  struct refuge **slot, pthread_mutex_t *owner);

/* Frees the refuge in `*slot`, if there is still one, and clears the slot. */
void memory_give_back(struct memory *memory, struct refuge **slot);

#endif
