/*
 * The daemon's side of a worker, for tests: starts the real program and speaks
 * the protocol with it, one task at a time.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "transcode/protocol.h"

#include <sys/types.h>

struct peer {
	pid_t pid;
	int socket;
	struct ring *ring;
	uint32_t serial;
	struct report hello;
	/* of the last task */
	struct report last; /* DONE or FAILED */
	struct facts facts;
	uint8_t *bytes; /* what came through the ring */
	size_t size;
	unsigned notes[3]; /* by enum report_note */
	char note[160];	   /* the last one that had a text */
};

/* All of these fail the program with a message when something is wrong. */
void peer_start(struct peer *peer, const char *path);

/* Closes the socket; gives the worker's exit status. */
int peer_stop(struct peer *peer);

/* Fills the source's id, sends, and collects until DONE or FAILED. */
void peer_run(struct peer *peer, struct task *task, const char *source,
	      const char *cover);

/* The same, for the usual tasks; false when the worker said FAILED. */
int peer_probe(struct peer *peer, const char *source);
int peer_segment(struct peer *peer, const char *source,
		 const struct profile *profile, const struct shape *shape,
		 uint32_t index);

#endif
