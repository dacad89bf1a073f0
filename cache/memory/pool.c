/*
 * A pool is a memfd that has its full size from the start, is sealed against
 * resizing, and is a single hole: a run gets its pages when it is taken and
 * loses them when it is given back. Both are system calls that may fail or take
 * long, so they happen outside the lock. Taking pages in advance turns a lack
 * of memory into an errno: a page that is allocated by writing to it would be a
 * SIGBUS then, here or in another process.
 */
#include "cache/memory/pool.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cache/io.h"
#include "cache/memory/buffer_metrics.h"
#include "cache/memory/extents.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct pool {
	struct buffer_metrics metrics;

	/* immutable */
	int fd;
	uint8_t *map; /* all of the mapping */

	struct extents extents;
};

/* Looking at a page that nobody has taken would allocate it. */
ssize_t pool_read(struct pool *pool, uint64_t offset, void *bytes, size_t size)
{
	int64_t began = clock_ns();
	ssize_t n = -ENXIO;

	if (extents_hold(&pool->extents, offset, size)) {
		memcpy(bytes, pool->map + offset, size);
		n = (ssize_t)size;
	}
	buffer_count_read(&pool->metrics, n, clock_ns() - began);
	return n;
}

uint8_t *pool_address(const struct pool *pool, uint64_t offset)
{
	return pool->map + offset;
}

struct buffer_metrics *pool_metrics(struct pool *pool)
{
	return &pool->metrics;
}

static struct buffer_use measure_pool(const struct buffer_metrics *metrics)
{
	struct pool *pool = (struct pool *)metrics;
	uint64_t used = pool_used(pool), budget = pool_budget(pool);

	return (struct buffer_use){
		.memory = used,
		.full = used >= budget || budget - used < POOL_PAGE,
	};
}

static void free_pool(struct pool *pool)
{
	if (pool->map)
		munmap(pool->map, extents_span(&pool->extents));
	if (pool->fd >= 0)
		close(pool->fd);
	extents_release(&pool->extents);
	free(pool);
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	buffer_metrics_release(&pool->metrics);
	free_pool(pool);
}

static int make_memfd(uint64_t size)
{
	auto_fd int fd = memfd_create("pool", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) < 0)
		return -errno;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int map_pool(struct pool *pool, uint64_t size)
{
	auto_fd int fd = make_memfd(size);
	void *map;

	if (fd < 0)
		return fd;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	pool->map = map;
	pool->fd = steal_fd(&fd);
	return 0;
}

int pool_create(const char *name, uint64_t budget, struct pool **out)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	uint64_t size;
	int r;

	if (!pool)
		return -ENOMEM;
	pool->fd = -1;
	r = extents_init(&pool->extents, POOL_PAGE, budget);
	if (r < 0) {
		free(pool);
		return r;
	}
	size = extents_span(&pool->extents);
	r = map_pool(pool, size);
	if (r == 0)
		r = buffer_metrics_init(&pool->metrics, BUFFER_POOL, name, size,
					measure_pool);
	if (r < 0)
		free_pool(pool);
	else
		*out = pool;
	return r;
}

int pool_fd(const struct pool *pool)
{
	return pool->fd;
}

/* In whole pages: the rest of the last one is the taker's, too. */
static int reserve(struct pool *pool, uint64_t offset, uint64_t size)
{
	int r;

	do
		r = fallocate(pool->fd, FALLOC_FL_KEEP_SIZE, (off_t)offset,
			      (off_t)size);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int pool_take(struct pool *pool, size_t size, uint64_t *offset)
{
	uint64_t at;
	int r = extents_take(&pool->extents, size, &at);

	if (r < 0)
		return r;
	r = reserve(pool, at, extents_whole(&pool->extents, size));
	buffer_note(&pool->metrics, r);
	if (r < 0) {
		pool_give_back(pool, at, size);
		return r;
	}
	*offset = at;
	return 0;
}

void pool_give_back(struct pool *pool, uint64_t offset, size_t size)
{
	int r = io_punch(pool->fd, offset, extents_whole(&pool->extents, size));

	if (r < 0)
		buffer_note(&pool->metrics, r);
	extents_give_back(&pool->extents, offset, size);
}

void pool_set_budget(struct pool *pool, uint64_t budget)
{
	extents_set_budget(&pool->extents, budget);
}

uint64_t pool_budget(struct pool *pool)
{
	return extents_budget(&pool->extents);
}

uint64_t pool_used(struct pool *pool)
{
	return extents_used(&pool->extents);
}
