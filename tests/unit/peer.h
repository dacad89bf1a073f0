/*
 * The daemon's side of a worker, for tests: starts the real program and speaks
 * the protocol with it, one task at a time.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "transcode/protocol.h"

#include <stdbool.h>
#include <sys/types.h>

#define PEER_POOL ((size_t)64 << 20)

struct peer {
	pid_t pid;
	int socket;
	struct ring *ring;
	int pool;	/* shared memory for blocks */
	uint8_t *lent;	/* the same, mapped */
	bool lends;	/* answers a WANT with the next place in it */
	uint64_t taken; /* bytes of it */
	uint32_t serial;
	struct report hello;
	/* of the last task */
	struct report last; /* DONE or FAILED */
	struct facts facts;
	uint8_t *bytes; /* what came through the ring */
	size_t size;
	unsigned notes[3];  /* by enum report_note */
	unsigned wanted;    /* blocks */
	unsigned decoded;   /* blocks that came from a decoder */
	struct loan filled; /* the last one */
	char note[160];	    /* the last one that had a text */
};

/* All of these fail the program with a message when something is wrong. */
void peer_start(struct peer *peer, const char *path);

/* Closes the socket; gives the worker's exit status. */
int peer_stop(struct peer *peer);

/* Fills the source's id, sends, and collects until DONE or FAILED. */
void peer_run(struct peer *peer, struct worker_task *task, const char *source,
	      const char *cover);

/* The same, for the usual tasks; false when the worker said FAILED. */
int peer_probe(struct peer *peer, const char *source);
/* One block of what a profile is made of. */
int peer_block(struct peer *peer, const char *source,
	       const struct profile *profile, const struct shape *shape,
	       uint32_t index);
int peer_segment(struct peer *peer, const char *source,
		 const struct profile *profile, const struct shape *shape,
		 uint32_t index);

#endif
