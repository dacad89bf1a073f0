/*
 * Requests that a thread is working on. An interrupted request is answered at
 * once, and then the kernel may close the file and forget the node that the
 * thread still uses. So a request in flight holds its node, and a file is
 * closed once no thread works on it. Parked requests hold what they need
 * themselves.
 */
#ifndef FS_FLIGHTS_H
#define FS_FLIGHTS_H

#include "fs/ops.h"

#include <linux/fuse.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* A request as it came from the kernel, kept for later. */
struct aside {
	TAILQ_ENTRY(aside) link;
	struct fuse_buf buffer;
};

static inline const struct fuse_in_header *
aside_header(const struct fuse_buf *buffer)
{
	return buffer->mem;
}

/* For free(). NULL: no memory. */
struct aside *aside_copy(const struct fuse_buf *buffer);

struct flight {
	LIST_ENTRY(flight) link;
	uint64_t unique;
	uint64_t file; /* the open file's; 0: of none */
	struct node *node;
};

struct flights {
	struct nodes *nodes;
	pthread_mutex_t lock;
	LIST_HEAD(, flight) under_way;
	TAILQ_HEAD(, aside) releases; /* of files that a thread works on */
};

void flights_init(struct flights *flights, struct nodes *nodes);
void flights_release(struct flights *flights);

/* The caller's until it ends. */
void flight_begin(struct flights *flights, struct flight *flight,
		  const struct fuse_in_header *in);

/* Gives the release that waited for this one, to be done now, or NULL. */
struct aside *flight_end(struct flights *flights, struct flight *flight);

/* True for a release that has to wait for other requests: it was copied. */
bool flights_hold_up(struct flights *flights, const struct fuse_buf *buffer,
		     const struct flight *flight);

#endif
