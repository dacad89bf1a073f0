/*
 * A pool: pages of shared memory (a sealed memfd) under a budget, taken and
 * given back in runs. The address space is larger than the budget, so that runs
 * are found however scattered the free pages are; pages that are given back
 * return to the system at once. Any thread.
 */
#ifndef CACHE_MEMORY_POOL_H
#define CACHE_MEMORY_POOL_H

#include "cache/memory/buffer.h"

#define POOL_PAGE 65536u

/*
 * A pool with room for `budget` bytes (0 is a pool that nothing fits into) is a
 * buffer: its offsets are those of the shared memory. -EINVAL: above 4 TiB;
 * -ENOMEM; -errno.
 */
int pool_create(const char *name, uint64_t budget, struct buffer **pool);

/* What to hand to another process, to be mapped whole: its size is pool's. */
int pool_fd(const struct buffer *pool);

/*
 * A run of whole pages for `size` bytes, with the memory behind it, so that
 * writing there cannot fail; what is in it is undefined. 0; -EINVAL: no bytes;
 * -ENOSPC: over the budget, or the free pages are too scattered (giving back
 * helps in both cases), or the system's limit for shared memory; -ENOMEM: the
 * system's memory is used up.
 */
int pool_take(struct buffer *pool, size_t size, uint64_t *offset);

/* What pool_take() gave, with the same size; nobody may look at it any more. */
void pool_give_back(struct buffer *pool, uint64_t offset, size_t size);

/*
 * Never above what it was created with. Below what is used: nothing is taken
 * any more, the caller gives back until pool_used() is within it.
 */
void pool_set_budget(struct buffer *pool, uint64_t budget);
uint64_t pool_budget(const struct buffer *pool);
uint64_t pool_used(const struct buffer *pool); /* bytes, whole pages */

/* Of the budget that it was created with. */
uint64_t pool_budget_max(const struct buffer *pool);

#endif
