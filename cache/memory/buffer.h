/*
 * A buffer on the heap, counted under a name. Any thread may read and write;
 * writers and readers of the same bytes must order themselves.
 */
#ifndef CACHE_MEMORY_BUFFER_H
#define CACHE_MEMORY_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buffer;

/* `size` bytes, zeroed; `name` is that of its metrics. -ENOMEM. */
int buffer_create(const char *name, size_t size, struct buffer **buffer);
void buffer_destroy(struct buffer *buffer); /* NULL is allowed */

/* Bytes moved: fewer than `size` at the buffer's end. */
ssize_t buffer_read(struct buffer *buffer, uint64_t offset, void *bytes,
		    size_t size);
ssize_t buffer_write(struct buffer *buffer, uint64_t offset, const void *bytes,
		     size_t size);

size_t buffer_size(const struct buffer *buffer);
uint8_t *buffer_bytes(struct buffer *buffer);

#endif
