/*
 * Buffers: bytes at offsets, whatever holds them, and what happened to them.
 *
 *   memory     on the heap: what fits nowhere else, small things
 *   streaming  in a nameless file of the cache's disk, through the page cache:
 *              what was pushed out of memory
 *   ring       lock-free, one producer and one consumer, in shared memory
 *   pool       pages of shared memory, taken and given back in runs
 *
 * The last two and streaming have more to offer than this: ring.h, pool.h,
 * stream.h. Any thread may use a buffer at offsets (buffer_read_at,
 * buffer_write_at) and ask for its metrics; the cursor (buffer_read,
 * buffer_write, buffer_seek, buffer_tell) and buffer_close belong to one thread
 * at a time.
 */
#ifndef CACHE_MEMORY_BUFFER_H
#define CACHE_MEMORY_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct ring;

enum buffer_kind {
	BUFFER_MEMORY = 1,
	BUFFER_STREAMING,
	BUFFER_RING,
	BUFFER_POOL,
	BUFFER_KINDS
};

struct buffer;

/* Times are sums in nanoseconds: a mean is a division. */
struct buffer_metrics {
	enum buffer_kind kind;
	const char *state; /* "ready", "full"; "failed": what was tried last */
	uint64_t size;	   /* bytes that may be addressed */
	uint64_t memory;   /* bytes of memory that it holds now */
	uint64_t disk;	   /* bytes of disk that it holds now */
	uint64_t reads;	   /* that gave something */
	uint64_t writes;   /* that took something */
	uint64_t read_bytes;
	uint64_t written_bytes;
	uint64_t read_ns;
	uint64_t write_ns;
	uint64_t hits; /* something was looked for, and was there */
	uint64_t misses;
	uint64_t errors;
	int last_error; /* a negative errno, 0: none so far */
};

/*
 * A buffer on the heap of `size` bytes, zeroed. `name`, without quotes, is what
 * the metrics are shown under; buffers of one name and kind are shown together.
 * Names are never forgotten: there should be few. -ENOMEM.
 */
int buffer_create(const char *name, size_t size, struct buffer **buffer);

/*
 * A ring (ring.h) of `capacity` bytes, a power of two; its descriptor and the
 * waiting for room are buffer_ring()'s, which is the buffer's own and NULL for
 * other kinds. One thread may write and another one read at the same time.
 */
int buffer_create_ring(const char *name, size_t capacity,
		       struct buffer **buffer);
struct ring *buffer_ring(struct buffer *buffer);

/*
 * Reads or writes at the cursor and moves it. Bytes, fewer than asked at the
 * end of the buffer (a ring: when it is empty or full) or of what was ever
 * written to a streaming one; or -errno. -ENXIO: pages that are not taken.
 */
ssize_t buffer_read(struct buffer *buffer, void *bytes, size_t size);
ssize_t buffer_write(struct buffer *buffer, const void *bytes, size_t size);

/* The same at an offset, without the cursor. A ring: -ESPIPE. */
ssize_t buffer_read_at(struct buffer *buffer, uint64_t offset, void *bytes,
		       size_t size);
ssize_t buffer_write_at(struct buffer *buffer, uint64_t offset,
			const void *bytes, size_t size);

/* 0; -EINVAL past the end; a ring: -ESPIPE. */
int buffer_seek(struct buffer *buffer, uint64_t offset);

/* The cursor; a ring: bytes that were read so far. */
uint64_t buffer_tell(const struct buffer *buffer);
uint64_t buffer_size(const struct buffer *buffer);
void buffer_close(struct buffer *buffer); /* NULL is allowed */

/*
 * The bytes themselves, where they lie in memory (memory; pool: within a run
 * that is taken); else NULL.
 */
uint8_t *buffer_address(struct buffer *buffer, uint64_t offset);

/* To be called by who reads or writes the bytes themselves. */
void buffer_count_read(struct buffer *buffer, size_t bytes, uint64_t ns);
void buffer_count_write(struct buffer *buffer, size_t bytes, uint64_t ns);
void buffer_count_lookup(struct buffer *buffer, bool hit);

struct buffer_metrics buffer_metrics(struct buffer *buffer);

/*
 * All buffers of this process, as members of a JSON object: "buffers": [...],
 * by kind and name, and "totals": {...}, with the machine's. What closed
 * buffers did is in the sums; a state is the worst one, "closed" when none is
 * left; a mean or a rate of nothing is null.
 */
void buffers_print(FILE *out);

#endif
