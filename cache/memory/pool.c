/*
 * A pool is a memfd that has its full size from the start, is sealed against
 * another one, and is a single hole: a run gets its pages when it is taken and
 * loses them when it is given back. Both are system calls that may fail or
 * last, so they come before and after the lock. Taking pages beforehand makes
 * a machine that is out of memory an errno: a page that is first asked for by
 * writing to it would be a SIGBUS then, here or in another process.
 */
#include "cache/memory/pool.h"

#include "base/cleanup.h"
#include "cache/io.h"
#include "cache/memory/buffer_inner.h"
#include "cache/memory/extents.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct pool {
	struct buffer buffer;

	/* immutable */
	int fd;
	uint8_t *map; /* the whole of it */

	struct extents extents;
};

static struct pool *pool_of(const struct buffer *buffer)
{
	return (struct pool *)buffer;
}

/* A page that nobody has taken would be had by just looking at it. */
static ssize_t pool_read(struct buffer *buffer, uint64_t offset, void *bytes,
			 size_t size)
{
	struct pool *pool = pool_of(buffer);

	if (!extents_hold(&pool->extents, offset, size))
		return -ENXIO;
	memcpy(bytes, pool->map + offset, size);
	return (ssize_t)size;
}

static ssize_t pool_write(struct buffer *buffer, uint64_t offset,
			  const void *bytes, size_t size)
{
	struct pool *pool = pool_of(buffer);

	if (!extents_hold(&pool->extents, offset, size))
		return -ENXIO;
	memcpy(pool->map + offset, bytes, size);
	return (ssize_t)size;
}

static uint8_t *pool_address(struct buffer *buffer, uint64_t offset)
{
	return pool_of(buffer)->map + offset;
}

static void pool_measure(struct buffer *buffer, struct buffer_metrics *metrics)
{
	uint64_t used = pool_used(buffer), budget = pool_budget(buffer);

	metrics->memory = used;
	if (used >= budget || budget - used < POOL_PAGE)
		metrics->state = buffer_full;
}

static void pool_destroy(struct buffer *buffer)
{
	struct pool *pool = pool_of(buffer);

	munmap(pool->map, buffer->size);
	close(pool->fd);
	extents_release(&pool->extents);
	free(pool);
}

static const struct buffer_ops pool_ops = {
	.kind = BUFFER_POOL,
	.seekable = true,
	.read = pool_read,
	.write = pool_write,
	.address = pool_address,
	.measure = pool_measure,
	.destroy = pool_destroy,
};

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

int pool_create(const char *name, uint64_t budget, struct buffer **out)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	uint64_t size;
	int r;

	if (!pool)
		return -ENOMEM;
	r = extents_init(&pool->extents, POOL_PAGE, budget);
	if (r < 0) {
		free(pool);
		return r;
	}
	size = extents_span(&pool->extents);
	r = map_pool(pool, size);
	if (r < 0) {
		extents_release(&pool->extents);
		free(pool);
		return r;
	}
	r = buffer_init(&pool->buffer, &pool_ops, name, size);
	if (r < 0)
		pool_destroy(&pool->buffer);
	else
		*out = &pool->buffer;
	return r;
}

int pool_fd(const struct buffer *buffer)
{
	return pool_of(buffer)->fd;
}

/* In whole pages: what is left over of the last one is the taker's, too. */
static int reserve(struct pool *pool, uint64_t offset, uint64_t size)
{
	int r;

	do
		r = fallocate(pool->fd, FALLOC_FL_KEEP_SIZE, (off_t)offset,
			      (off_t)size);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int pool_take(struct buffer *buffer, size_t size, uint64_t *offset)
{
	struct pool *pool = pool_of(buffer);
	uint64_t at;
	int r = extents_take(&pool->extents, size, &at);

	if (r < 0)
		return r;
	r = reserve(pool, at, extents_whole(&pool->extents, size));
	buffer_note(buffer, r);
	if (r < 0) {
		pool_give_back(buffer, at, size);
		return r;
	}
	*offset = at;
	return 0;
}

void pool_give_back(struct buffer *buffer, uint64_t offset, size_t size)
{
	struct pool *pool = pool_of(buffer);
	int r = io_punch(pool->fd, offset, extents_whole(&pool->extents, size));

	if (r < 0)
		buffer_note(buffer, r);
	extents_give_back(&pool->extents, offset, size);
}

void pool_set_budget(struct buffer *buffer, uint64_t budget)
{
	extents_set_budget(&pool_of(buffer)->extents, budget);
}

uint64_t pool_budget(const struct buffer *buffer)
{
	return extents_budget(&pool_of(buffer)->extents);
}

uint64_t pool_used(const struct buffer *buffer)
{
	return extents_used(&pool_of(buffer)->extents);
}

uint64_t pool_budget_max(const struct buffer *buffer)
{
	return pool_of(buffer)->extents.limit;
}
