/*
 * The inside of a buffer, for the files that are one kind each, and for those
 * that count and show. Internal to cache/.
 *
 *     struct memory_buffer, stream, pool, ring_buffer
 *         struct buffer ---> struct buffer_ops     what the kind does
 *                      \---> struct buffer_group   who has the same name
 */
#ifndef CACHE_MEMORY_BUFFER_INNER_H
#define CACHE_MEMORY_BUFFER_INNER_H

#include "cache/memory/buffer.h"

#include <stdatomic.h>
#include <sys/queue.h>

/*
 * Offsets and sizes lie within the buffer when read, write and address are
 * called. They return bytes, fewer than asked where there are no more, or
 * -errno. Where a buffer is not seekable they ignore the offset.
 */
struct buffer_ops {
	enum buffer_kind kind;
	bool seekable;
	ssize_t (*read)(struct buffer *buffer, uint64_t offset, void *bytes,
			size_t size);
	ssize_t (*write)(struct buffer *buffer, uint64_t offset,
			 const void *bytes, size_t size);

	/* NULL: the bytes are not in memory */
	uint8_t *(*address)(struct buffer *buffer, uint64_t offset);

	/* Sets memory and disk, and state if the buffer is full. No I/O. */
	void (*measure)(struct buffer *buffer, struct buffer_metrics *metrics);

	/* Frees it; nobody else knows it any more. */
	void (*destroy)(struct buffer *buffer);
};

struct buffer_group;

struct buffer {
	/* immutable */
	const struct buffer_ops *ops;
	struct buffer_group *group;
	uint64_t size; /* bytes that may be addressed */

	/* protected by the lock of all groups */
	LIST_ENTRY(buffer) link;

	/* lock-free */
	_Atomic uint64_t reads;
	_Atomic uint64_t writes;
	_Atomic uint64_t read_bytes;
	_Atomic uint64_t written_bytes;
	_Atomic uint64_t read_ns;
	_Atomic uint64_t write_ns;
	_Atomic uint64_t hits;
	_Atomic uint64_t misses;
	_Atomic uint64_t errors;
	atomic_int last_error;
	atomic_bool failing; /* what was tried last failed */

	/* the thread's that has the cursor */
	uint64_t cursor;
};

extern const char *const buffer_ready;
extern const char *const buffer_full;
extern const char *const buffer_failed;

/*
 * Makes the common part of a zeroed buffer and shows it to all from now on: the
 * last step of its creation. -ENOMEM.
 */
int buffer_init(struct buffer *buffer, const struct buffer_ops *ops,
		const char *name, uint64_t size);

/* How something ended that may fail: `result` is negative or not. */
void buffer_note(struct buffer *buffer, ssize_t result);

/* What the buffers of one kind and name did, closed ones included. */
struct buffer_sums {
	const char *name;
	uint64_t count;		       /* that are not closed */
	struct buffer_metrics metrics; /* state: the worst; "closed": none */
};

/* Joins the group of this name, which is made if there is none. -ENOMEM. */
int buffer_group_join(struct buffer *buffer, const char *name);
void buffer_group_leave(struct buffer *buffer);
void buffer_group_failed(struct buffer *buffer, int error);

/* All groups by kind and name, to be freed. -ENOMEM. */
int buffer_groups(struct buffer_sums **sums, size_t *count);

#endif
