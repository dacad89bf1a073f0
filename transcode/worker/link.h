/*
 * The worker's end of the protocol: receives tasks, sends reports, and puts
 * bytes into the ring (transcode/protocol.h says who may send what when).
 *
 * Every function here may block on the daemon. -ENOTCONN: the daemon is gone,
 * and the only thing left to do is to exit.
 */
#ifndef WORKER_LINK_H
#define WORKER_LINK_H

#include "transcode/protocol.h"

#include <stddef.h>
#include <stdint.h>

#define LINK_MAX_FDS 2

struct link {
	int socket;
	struct ring *ring;
	uint8_t *pool; /* the shared memory for blocks */
	uint64_t pool_size;
	uint32_t serial; /* of the running task */
	int64_t last_ns; /* time of the last report */
	uint64_t bytes;	 /* written in this task */
	uint32_t notes;	 /* sent in this task */
};

/* Takes no ownership of the descriptors. */
int link_init(struct link *link, int socket, int ring_fd, int pool_fd);
void link_release(struct link *link);

/*
 * Waits for a task. The caller owns the descriptors that came with it: fds[] is
 * filled up with -1.
 */
int link_receive(struct link *link, struct worker_task *task,
		 int fds[static LINK_MAX_FDS]);

/*
 * Puts bytes into the ring and tells the daemon. While the ring is full, waits
 * for room and reports life.
 */
int link_write(struct link *link, const void *bytes, size_t size);

/* REPORT_ALIVE, if nothing was reported for most of a second. */
void link_alive(void *link);

int link_hello(struct link *link, const char *versions);
int link_facts(struct link *link, const struct facts *facts);
int link_done(struct link *link);
int link_failed(struct link *link, int error, const char *text);

/*
 * Asks for a block of the task's track (loan: layout, second) and waits for the
 * answer. Gives its bytes, NULL for LOAN_NONE.
 */
int link_want(void *link, struct loan *loan, uint8_t **bytes);

/* A block was made, wherever it is; a loan is no longer needed. */
int link_filled(void *link, const struct loan *loan);
int link_return(void *link, const struct loan *loan);

/* A flood of notes is cut after a few per task. */
int link_note(struct link *link, enum report_note note, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
