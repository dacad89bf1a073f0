/*
 * A ring as a buffer, so that what goes through it is counted. The producer
 * may be another process: this side counts what it moves itself.
 */
#include "cache/memory/buffer_inner.h"
#include "cache/memory/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct ring_buffer {
	struct buffer buffer;
	struct ring *ring;
};

static ssize_t take_out(struct buffer *buffer, uint64_t offset, void *bytes,
			size_t size)
{
	(void)offset;
	return ring_read(buffer_ring(buffer), bytes, size);
}

static ssize_t put_in(struct buffer *buffer, uint64_t offset, const void *bytes,
		      size_t size)
{
	(void)offset;
	return (ssize_t)ring_write(buffer_ring(buffer), bytes, size);
}

static void measure(struct buffer *buffer, struct buffer_metrics *metrics)
{
	const struct ring *ring = buffer_ring(buffer);
	struct stat st;

	/* Shared memory: its pages are there from their first use on. */
	if (fstat(ring_fd(ring), &st) == 0)
		metrics->memory = (uint64_t)st.st_blocks * 512;
	if (ring_unread(ring) == buffer->size)
		metrics->state = buffer_full;
}

static void destroy(struct buffer *buffer)
{
	ring_destroy(buffer_ring(buffer));
	free(buffer);
}

static const struct buffer_ops ring_ops = {
	.kind = BUFFER_RING,
	.read = take_out,
	.write = put_in,
	.measure = measure,
	.destroy = destroy,
};

struct ring *buffer_ring(struct buffer *buffer)
{
	return buffer->ops == &ring_ops ? ((struct ring_buffer *)buffer)->ring
					: NULL;
}

int buffer_create_ring(const char *name, size_t capacity,
		       struct buffer **buffer)
{
	struct ring_buffer *rb = calloc(1, sizeof(*rb));
	int r;

	if (!rb)
		return -ENOMEM;
	r = ring_create(capacity, &rb->ring);
	if (r == 0)
		r = buffer_init(&rb->buffer, &ring_ops, name, capacity);
	if (r < 0) {
		ring_destroy(rb->ring);
		free(rb);
		return r;
	}
	*buffer = &rb->buffer;
	return 0;
}
