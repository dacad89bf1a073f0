/* Buffers on the heap. */
#include "cache/memory/buffer_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct memory_buffer {
	struct buffer buffer;
	uint8_t *bytes;
};

static struct memory_buffer *memory_of(struct buffer *buffer)
{
	return (struct memory_buffer *)buffer;
}

static ssize_t memory_read(struct buffer *buffer, uint64_t offset, void *bytes,
			   size_t size)
{
	memcpy(bytes, memory_of(buffer)->bytes + offset, size);
	return (ssize_t)size;
}

static ssize_t memory_write(struct buffer *buffer, uint64_t offset,
			    const void *bytes, size_t size)
{
	memcpy(memory_of(buffer)->bytes + offset, bytes, size);
	return (ssize_t)size;
}

static uint8_t *memory_address(struct buffer *buffer, uint64_t offset)
{
	return memory_of(buffer)->bytes + offset;
}

static void memory_measure(struct buffer *buffer,
			   struct buffer_metrics *metrics)
{
	metrics->memory = buffer->size;
}

static void memory_destroy(struct buffer *buffer)
{
	free(memory_of(buffer)->bytes);
	free(buffer);
}

static const struct buffer_ops memory_ops = {
	.kind = BUFFER_MEMORY,
	.seekable = true,
	.read = memory_read,
	.write = memory_write,
	.address = memory_address,
	.measure = memory_measure,
	.destroy = memory_destroy,
};

int buffer_create(const char *name, size_t size, struct buffer **buffer)
{
	struct memory_buffer *memory = calloc(1, sizeof(*memory));
	int r = -ENOMEM;

	if (!memory)
		return -ENOMEM;
	memory->bytes = calloc(1, size ? size : 1);
	if (memory->bytes)
		r = buffer_init(&memory->buffer, &memory_ops, name, size);
	if (r < 0) {
		memory_destroy(&memory->buffer);
		return r;
	}
	*buffer = &memory->buffer;
	return 0;
}
