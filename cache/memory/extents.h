/*
 * Which parts of an address space are taken: runs of whole pages, within a
 * budget. Offsets and sizes are in bytes. Any thread. Internal to cache/.
 */
#ifndef CACHE_MEMORY_EXTENTS_H
#define CACHE_MEMORY_EXTENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct extents {
	/* immutable */
	size_t page;	/* bytes */
	uint64_t count; /* number of pages */
	uint64_t limit; /* bytes: the budget at the start */

	/* protected by the lock */
	pthread_mutex_t lock;
	uint64_t *words; /* a bit a page, 1: taken */
	uint64_t hint;	 /* no page below this one is free */
	uint64_t used;	 /* bytes, whole pages */
	uint64_t budget; /* bytes */
};

/*
 * At most `budget` bytes will be taken at a time, in an address space of twice
 * that size (and at least one page), so that runs are found among scattered
 * ones. -EINVAL: `page` is 0 or the budget above EXTENTS_MAX; -ENOMEM.
 */
#define EXTENTS_MAX ((uint64_t)1 << 42)
int extents_init(struct extents *extents, size_t page, uint64_t budget);
void extents_release(struct extents *extents);

uint64_t extents_span(const struct extents *extents); /* bytes of addresses */

/*
 * The first run that fits `size` bytes: 0; -EINVAL: `size` is 0; -ENOSPC: over
 * the budget, or every run is too short.
 */
int extents_take(struct extents *extents, uint64_t size, uint64_t *offset);

/*
 * Gives back what extents_take() gave, with the same size, or whole pages of
 * it.
 */
void extents_give_back(struct extents *extents, uint64_t offset, uint64_t size);

/* `size` rounded up to whole pages. */
uint64_t extents_whole(const struct extents *extents, uint64_t size);

/* Whether all of these bytes are in pages that are taken. */
bool extents_hold(struct extents *extents, uint64_t offset, uint64_t size);

/* Never above the initial budget; may be below what is used. */
void extents_set_budget(struct extents *extents, uint64_t budget);
uint64_t extents_budget(struct extents *extents);
uint64_t extents_used(struct extents *extents); /* bytes, whole pages */

#endif
