/*
 * A pool: pages of shared memory (a sealed memfd) under a budget, taken and
 * given back in runs. The address space is larger than the budget, so that runs
 * are found however scattered the free pages are; pages that are given back
 * return to the system at once. Any thread.
 */
#ifndef CACHE_MEMORY_POOL_H
#define CACHE_MEMORY_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buffer_metrics;
struct pool;

#define POOL_PAGE 65536u

/*
 * A pool with room for `budget` bytes, 0: nothing fits. Offsets are those in
 * the shared memory. -EINVAL: above 4 TiB; -ENOMEM; -errno.
 */
int pool_create(const char *name, uint64_t budget, struct pool **pool);
void pool_destroy(struct pool *pool); /* NULL is allowed */

/* What to hand to another process, to be mapped whole. */
int pool_fd(const struct pool *pool);

/*
 * A run of whole pages for `size` bytes, already allocated, so that writing to
 * it cannot fail; its content is undefined. 0; -EINVAL: no bytes; -ENOSPC: over
 * the budget, or the free pages are too scattered (giving back helps in both
 * cases), or the system's limit for shared memory; -ENOMEM: the system is out
 * of memory.
 */
int pool_take(struct pool *pool, size_t size, uint64_t *offset);

/*
 * Gives back what pool_take() gave, with the same size; nobody may use it any
 * more.
 */
void pool_give_back(struct pool *pool, uint64_t offset, size_t size);

/* The address of a run that is taken. */
uint8_t *pool_address(const struct pool *pool, uint64_t offset);

/* `size` bytes within a run that is taken; else -ENXIO. */
ssize_t pool_read(struct pool *pool, uint64_t offset, void *bytes, size_t size);

/* For whoever looks up blocks in it, or fills them, to count that. */
struct buffer_metrics *pool_metrics(struct pool *pool);

/*
 * Never above the initial one. Below what is used: nothing is taken any more,
 * and the caller gives back until pool_used() is within it.
 */
void pool_set_budget(struct pool *pool, uint64_t budget);
uint64_t pool_budget(struct pool *pool);
uint64_t pool_used(struct pool *pool); /* bytes, whole pages */

#endif
