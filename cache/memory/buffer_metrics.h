/*
 * Metrics of buffers: each of the four kinds contains one of these, and all are
 * printed in one place.
 *
 *    memory     buffer.h   on the heap: small things, and what does not fit
 *                          elsewhere
 *    streaming  stream.h   in a nameless file on the cache's disk, through the
 *                          page cache: what was moved out of the pool
 *    ring       ring.h     lock-free, one producer and one consumer, in shared
 *                          memory
 *    pool       pool.h     pages of shared memory, taken and given back in runs
 *
 * Any thread.
 */
#ifndef CACHE_MEMORY_BUFFER_METRICS_H
#define CACHE_MEMORY_BUFFER_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/types.h>

enum buffer_kind {
	BUFFER_MEMORY = 1,
	BUFFER_STREAMING,
	BUFFER_RING,
	BUFFER_POOL,
	BUFFER_KINDS
};

/* Times are sums in nanoseconds: a mean is a division. */
enum buffer_count {
	BUFFER_READS,  /* that gave something */
	BUFFER_WRITES, /* that took something */
	BUFFER_READ_BYTES,
	BUFFER_WRITTEN_BYTES,
	BUFFER_ERRORS,
	BUFFER_READ_NS,
	BUFFER_WRITE_NS,
	BUFFER_HITS, /* something was looked up, and was there */
	BUFFER_MISSES,
	BUFFER_COUNTS
};

/* What a buffer holds at the moment. */
struct buffer_use {
	uint64_t memory; /* bytes */
	uint64_t disk;	 /* bytes */
	bool full;
};

struct buffer_group;

struct buffer_metrics {
	/* immutable */
	struct buffer_group *group; /* NULL: not shown */
	uint64_t size;		    /* bytes that may be addressed */
	struct buffer_use (*measure)(const struct buffer_metrics *metrics);

	/* lock-free */
	_Atomic uint64_t counts[BUFFER_COUNTS];
	atomic_bool failing; /* the last attempt failed */

	/* protected by the lock of all groups */
	LIST_ENTRY(buffer_metrics) link;
};

/*
 * Zeroed metrics are printed from now on: the last step of a buffer's creation.
 * `name`, without quotes, is what they are printed under; buffers with the same
 * name and kind are printed together. Names are never removed: there should be
 * few. `measure` does no I/O. -ENOMEM.
 */
int buffer_metrics_init(
	struct buffer_metrics *metrics, enum buffer_kind kind, const char *name,
	uint64_t size,
	struct buffer_use (*measure)(const struct buffer_metrics *metrics));

/* The counts stay in the sums of the name. */
void buffer_metrics_release(struct buffer_metrics *metrics);

/*
 * The result of something that may fail: `result` is negative or not. Reads and
 * writes also note the bytes that they moved; only those that moved something
 * are counted, so that polling an empty ring does not spoil the mean.
 */
void buffer_note(struct buffer_metrics *metrics, ssize_t result);
void buffer_count_read(struct buffer_metrics *metrics, ssize_t n, int64_t ns);
void buffer_count_write(struct buffer_metrics *metrics, ssize_t n, int64_t ns);
void buffer_count_lookup(struct buffer_metrics *metrics, bool hit);

/* The counts of the buffers of one kind and name, including closed ones. */
struct buffer_sums {
	enum buffer_kind kind;
	const char *name;
	const char *state; /* the worst one; "closed": there is none any more */
	unsigned count;	   /* that are not closed */
	uint64_t size;	   /* this and the use: of those */
	struct buffer_use use;
	uint64_t counts[BUFFER_COUNTS];
	int last_error; /* a negative errno, 0: none so far */
};

/* All of them by kind and name, to be freed. -ENOMEM. */
int buffer_sums(struct buffer_sums **sums, size_t *count);

/*
 * All buffers of this process as a JSON object: "buffers": [...], by kind and
 * name, and "totals": {...}, with the machine's. A mean or a rate of nothing is
 * null.
 */
void buffers_print(FILE *out);

#endif
