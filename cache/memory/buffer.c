/*
 * What all kinds of buffer have in common: the limits of the address space, the
 * cursor, and the counting. Only reads and writes that moved something are
 * counted, so that who looks into an empty ring again and again does not
 * spoil the mean.
 */
#include "cache/memory/buffer_inner.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>

const char *const buffer_ready = "ready";
const char *const buffer_full = "full";
const char *const buffer_failed = "failed";

int buffer_init(struct buffer *buffer, const struct buffer_ops *ops,
		const char *name, uint64_t size)
{
	buffer->ops = ops;
	buffer->size = size;
	return buffer_group_join(buffer, name);
}

void buffer_close(struct buffer *buffer)
{
	if (!buffer)
		return;
	buffer_group_leave(buffer);
	buffer->ops->destroy(buffer);
}

static void add(_Atomic uint64_t *sum, uint64_t n)
{
	atomic_fetch_add_explicit(sum, n, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *sum)
{
	return atomic_load_explicit(sum, memory_order_relaxed);
}

void buffer_count_read(struct buffer *buffer, size_t bytes, uint64_t ns)
{
	add(&buffer->reads, 1);
	add(&buffer->read_bytes, bytes);
	add(&buffer->read_ns, ns);
}

void buffer_count_write(struct buffer *buffer, size_t bytes, uint64_t ns)
{
	add(&buffer->writes, 1);
	add(&buffer->written_bytes, bytes);
	add(&buffer->write_ns, ns);
}

void buffer_count_lookup(struct buffer *buffer, bool hit)
{
	add(hit ? &buffer->hits : &buffer->misses, 1);
}

void buffer_note(struct buffer *buffer, ssize_t result)
{
	bool failed = result < 0;

	if (failed) {
		add(&buffer->errors, 1);
		atomic_store(&buffer->last_error, (int)result);
		buffer_group_failed(buffer, (int)result);
	}
	if (atomic_load(&buffer->failing) != failed)
		atomic_store(&buffer->failing, failed);
}

/* What of `size` bytes from `offset` on lies within the buffer. */
static size_t clip(const struct buffer *buffer, uint64_t offset, size_t size)
{
	uint64_t left = offset < buffer->size ? buffer->size - offset : 0;

	return size < left ? size : (size_t)left;
}

static ssize_t do_read(struct buffer *buffer, uint64_t offset, void *bytes,
		       size_t size)
{
	int64_t began;
	ssize_t n;

	size = clip(buffer, offset, size);
	if (size == 0)
		return 0;
	began = clock_ns();
	n = buffer->ops->read(buffer, offset, bytes, size);
	buffer_note(buffer, n);
	if (n > 0)
		buffer_count_read(buffer, (size_t)n,
				  (uint64_t)(clock_ns() - began));
	return n;
}

static ssize_t do_write(struct buffer *buffer, uint64_t offset,
			const void *bytes, size_t size)
{
	int64_t began;
	ssize_t n;

	size = clip(buffer, offset, size);
	if (size == 0)
		return 0;
	began = clock_ns();
	n = buffer->ops->write(buffer, offset, bytes, size);
	buffer_note(buffer, n);
	if (n > 0)
		buffer_count_write(buffer, (size_t)n,
				   (uint64_t)(clock_ns() - began));
	return n;
}

ssize_t buffer_read_at(struct buffer *buffer, uint64_t offset, void *bytes,
		       size_t size)
{
	if (!buffer->ops->seekable)
		return -ESPIPE;
	return do_read(buffer, offset, bytes, size);
}

ssize_t buffer_write_at(struct buffer *buffer, uint64_t offset,
			const void *bytes, size_t size)
{
	if (!buffer->ops->seekable)
		return -ESPIPE;
	return do_write(buffer, offset, bytes, size);
}

/* Where no seeking is, two threads may read and write, and no cursor is. */
static void move_cursor(struct buffer *buffer, ssize_t n)
{
	if (buffer->ops->seekable && n > 0)
		buffer->cursor += (uint64_t)n;
}

ssize_t buffer_read(struct buffer *buffer, void *bytes, size_t size)
{
	ssize_t n = do_read(buffer, buffer->cursor, bytes, size);

	move_cursor(buffer, n);
	return n;
}

ssize_t buffer_write(struct buffer *buffer, const void *bytes, size_t size)
{
	ssize_t n = do_write(buffer, buffer->cursor, bytes, size);

	move_cursor(buffer, n);
	return n;
}

int buffer_seek(struct buffer *buffer, uint64_t offset)
{
	if (!buffer->ops->seekable)
		return -ESPIPE;
	if (offset > buffer->size)
		return -EINVAL;
	buffer->cursor = offset;
	return 0;
}

uint64_t buffer_tell(const struct buffer *buffer)
{
	return buffer->ops->seekable ? buffer->cursor
				     : get(&buffer->read_bytes);
}

uint64_t buffer_size(const struct buffer *buffer)
{
	return buffer->size;
}

uint8_t *buffer_address(struct buffer *buffer, uint64_t offset)
{
	if (!buffer->ops->address)
		return NULL;
	assert(offset <= buffer->size);
	return buffer->ops->address(buffer, offset);
}

struct buffer_metrics buffer_metrics(struct buffer *buffer)
{
	struct buffer_metrics metrics = {
		.kind = buffer->ops->kind,
		.state = buffer_ready,
		.size = buffer->size,
		.reads = get(&buffer->reads),
		.writes = get(&buffer->writes),
		.read_bytes = get(&buffer->read_bytes),
		.written_bytes = get(&buffer->written_bytes),
		.read_ns = get(&buffer->read_ns),
		.write_ns = get(&buffer->write_ns),
		.hits = get(&buffer->hits),
		.misses = get(&buffer->misses),
		.errors = get(&buffer->errors),
		.last_error = atomic_load(&buffer->last_error),
	};

	buffer->ops->measure(buffer, &metrics);
	if (atomic_load(&buffer->failing))
		metrics.state = buffer_failed;
	return metrics;
}
