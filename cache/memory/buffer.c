/* Buffers on the heap. */
#include "cache/memory/buffer.h"

#include "base/clock.h"
#include "cache/memory/buffer_metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
	struct buffer_metrics metrics;
	size_t size;
	uint8_t bytes[];
};

static struct buffer_use measure_buffer(const struct buffer_metrics *metrics)
{
	return (struct buffer_use){.memory = metrics->size};
}

int buffer_create(const char *name, size_t size, struct buffer **out)
{
	struct buffer *buffer = NULL;
	int r;

	if (size <= SIZE_MAX - sizeof(*buffer))
		buffer = calloc(1, sizeof(*buffer) + size);
	if (!buffer)
		return -ENOMEM;
	buffer->size = size;
	r = buffer_metrics_init(&buffer->metrics, BUFFER_MEMORY, name, size,
				measure_buffer);
	if (r < 0)
		free(buffer);
	else
		*out = buffer;
	return r;
}

void buffer_destroy(struct buffer *buffer)
{
	if (!buffer)
		return;
	buffer_metrics_release(&buffer->metrics);
	free(buffer);
}

/* What of `size` bytes from `offset` on lies within the buffer. */
static size_t clip(const struct buffer *buffer, uint64_t offset, size_t size)
{
	size_t left = offset < buffer->size ? buffer->size - (size_t)offset : 0;

	return size < left ? size : left;
}

ssize_t buffer_read(struct buffer *buffer, uint64_t offset, void *bytes,
		    size_t size)
{
	int64_t began = clock_ns();
	size_t n = clip(buffer, offset, size);

	if (n > 0)
		memcpy(bytes, buffer->bytes + offset, n);
	buffer_count_read(&buffer->metrics, (ssize_t)n, clock_ns() - began);
	return (ssize_t)n;
}

ssize_t buffer_write(struct buffer *buffer, uint64_t offset, const void *bytes,
		     size_t size)
{
	int64_t began = clock_ns();
	size_t n = clip(buffer, offset, size);

	if (n > 0)
		memcpy(buffer->bytes + offset, bytes, n);
	buffer_count_write(&buffer->metrics, (ssize_t)n, clock_ns() - began);
	return (ssize_t)n;
}

size_t buffer_size(const struct buffer *buffer)
{
	return buffer->size;
}

uint8_t *buffer_bytes(struct buffer *buffer)
{
	return buffer->bytes;
}
