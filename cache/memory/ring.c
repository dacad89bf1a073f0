/*
 * A ring in a memfd:
 *
 *   0           64       128      192           4096
 *   | capacity  | head   | tail   | waiting  .. | bytes ...             |
 *
 * The producer alone writes head, the consumer alone tail, each on a cache
 * line of its own; both count bytes and never wrap, so that head - tail is
 * what is unread and no slot is wasted to tell full from empty. A side reads
 * its own position from private memory only and the peer's once a call: what
 * a hostile peer writes there can only fail the check against the capacity,
 * which is private too.
 *
 * The lost wake-up: both sides exchange `waiting` (acquire and release).
 * Whichever exchange comes second sees what the other did before its own:
 * the producer the new tail, or the consumer the mark.
 */
#include "cache/memory/ring.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cache/memory/buffer_metrics.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define HEADER_SIZE 4096
#define CAPACITY_MAX ((size_t)1 << 40)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct shared {
	uint64_t capacity;
	alignas(64) _Atomic uint64_t head; /* bytes written since the start */
	alignas(64) _Atomic uint64_t tail; /* bytes read since the start */
	alignas(64) _Atomic uint32_t waiting;
};

struct ring {
	struct buffer_metrics metrics; /* the maker's */
	struct shared *shared;
	uint8_t *bytes;
	size_t capacity;
	uint64_t head; /* the producer's own, unused by the consumer */
	uint64_t tail; /* the consumer's own, unused by the producer */
	int fd;
};

static bool valid_capacity(size_t capacity)
{
	return capacity > 0 && capacity <= CAPACITY_MAX &&
	       (capacity & (capacity - 1)) == 0;
}

static int map_ring(int fd, size_t capacity, struct ring **out)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	void *map;

	if (!ring)
		return -ENOMEM;
	map = mmap(NULL, HEADER_SIZE + capacity, PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		int r = -errno;

		free(ring);
		return r;
	}
	ring->shared = map;
	ring->bytes = (uint8_t *)map + HEADER_SIZE;
	ring->capacity = capacity;
	ring->fd = -1;
	*out = ring;
	return 0;
}

static int make_memfd(size_t capacity)
{
	auto_fd int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)(HEADER_SIZE + capacity)) < 0)
		return -errno;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return steal_fd(&fd);
}

/*
 * How many bytes are in it now, according to its two positions; never more than
 * the capacity. Any thread.
 */
static size_t unread_bytes(const struct ring *ring)
{
	uint64_t tail =
		atomic_load_explicit(&ring->shared->tail, memory_order_relaxed);
	uint64_t head =
		atomic_load_explicit(&ring->shared->head, memory_order_relaxed);

	return head - tail <= ring->capacity ? (size_t)(head - tail)
					     : ring->capacity;
}

static struct buffer_use measure_ring(const struct buffer_metrics *metrics)
{
	const struct ring *ring = (const struct ring *)metrics;
	struct buffer_use use = {.full = unread_bytes(ring) == ring->capacity};
	struct stat st;

	/* Shared memory: its pages exist from their first use on. */
	if (fstat(ring->fd, &st) == 0)
		use.memory = (uint64_t)st.st_blocks * 512;
	return use;
}

int ring_create(const char *name, size_t capacity, struct ring **out)
{
	auto_fd int fd = -1;
	struct ring *ring = NULL;
	int r;

	if (!valid_capacity(capacity))
		return -EINVAL;
	fd = make_memfd(capacity);
	if (fd < 0)
		return fd;
	r = map_ring(fd, capacity, &ring);
	if (r < 0)
		return r;
	ring->shared->capacity = capacity;
	ring->fd = steal_fd(&fd);
	r = buffer_metrics_init(&ring->metrics, BUFFER_RING, name, capacity,
				measure_ring);
	if (r < 0)
		ring_destroy(ring);
	else
		*out = ring;
	return r;
}

/* The size of the bytes behind `fd`, which can no longer change. */
static int sealed_capacity(int fd, size_t *capacity)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!(seals & F_SEAL_SHRINK) || st.st_size <= HEADER_SIZE)
		return -EPROTO;
	*capacity = (size_t)st.st_size - HEADER_SIZE;
	return valid_capacity(*capacity) ? 0 : -EPROTO;
}

int ring_attach(int fd, struct ring **out)
{
	struct ring *ring = NULL;
	size_t capacity = 0;
	int r = sealed_capacity(fd, &capacity);

	if (r < 0)
		return r;
	r = map_ring(fd, capacity, &ring);
	if (r < 0)
		return r;
	if (ring->shared->capacity != capacity) {
		ring_destroy(ring);
		return -EPROTO;
	}
	ring->head = atomic_load(&ring->shared->head);
	ring->tail = atomic_load(&ring->shared->tail);
	*out = ring;
	return 0;
}

void ring_destroy(struct ring *ring)
{
	if (!ring)
		return;
	buffer_metrics_release(&ring->metrics);
	munmap(ring->shared, HEADER_SIZE + ring->capacity);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring);
}

int ring_fd(const struct ring *ring)
{
	return ring->fd;
}

/* Producer: to a consumer that lies, the ring is full. */
static size_t room(const struct ring *ring)
{
	uint64_t used = ring->head - atomic_load_explicit(&ring->shared->tail,
							  memory_order_acquire);

	return used <= ring->capacity ? ring->capacity - (size_t)used : 0;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t ring_write(struct ring *ring, const void *bytes, size_t size)
{
	size_t n = min_size(size, room(ring));
	size_t at = (size_t)(ring->head & (ring->capacity - 1));
	size_t first = min_size(n, ring->capacity - at);

	if (n == 0)
		return 0;
	memcpy(ring->bytes + at, bytes, first);
	memcpy(ring->bytes, (const uint8_t *)bytes + first, n - first);
	ring->head += n;
	atomic_store_explicit(&ring->shared->head, ring->head,
			      memory_order_release);
	return n;
}

static ssize_t read_out(struct ring *ring, void *bytes, size_t size)
{
	uint64_t unread = atomic_load_explicit(&ring->shared->head,
					       memory_order_acquire) -
			  ring->tail;
	size_t at = (size_t)(ring->tail & (ring->capacity - 1));
	size_t n, first;

	if (unread > ring->capacity)
		return -EPROTO;
	n = min_size(size, (size_t)unread);
	if (n == 0)
		return 0;
	first = min_size(n, ring->capacity - at);
	memcpy(bytes, ring->bytes + at, first);
	memcpy((uint8_t *)bytes + first, ring->bytes, n - first);
	ring->tail += n;
	atomic_store_explicit(&ring->shared->tail, ring->tail,
			      memory_order_release);
	return (ssize_t)n;
}

ssize_t ring_read(struct ring *ring, void *bytes, size_t size)
{
	int64_t began = clock_ns();
	ssize_t n = read_out(ring, bytes, size);

	buffer_count_read(&ring->metrics, n, clock_ns() - began);
	return n;
}

bool ring_wait_for_room(struct ring *ring)
{
	atomic_exchange_explicit(&ring->shared->waiting, 1,
				 memory_order_acq_rel);
	if (room(ring) == 0)
		return true;
	atomic_store_explicit(&ring->shared->waiting, 0, memory_order_relaxed);
	return false;
}

bool ring_somebody_waits(struct ring *ring)
{
	return atomic_exchange_explicit(&ring->shared->waiting, 0,
					memory_order_acq_rel) != 0;
}

void ring_drain(struct ring *ring)
{
	ring->tail =
		atomic_load_explicit(&ring->shared->head, memory_order_acquire);
	atomic_store_explicit(&ring->shared->tail, ring->tail,
			      memory_order_release);
}
