/*
 * A worker process as the daemon sees it: starting it, talking to it, ending
 * it. One thread at a time.
 */
#ifndef TRANSCODE_ENGINE_PROCESS_H
#define TRANSCODE_ENGINE_PROCESS_H

#include "transcode/protocol.h"

#include <stddef.h>
#include <sys/types.h>

struct process;

enum process_class {
	PROCESS_FOREGROUND, /* a little below readers and the daemon */
	PROCESS_BACKGROUND, /* only when nobody else wants the processor */
};

/*
 * Starts the program that the descriptor `program` leads to, which then is to
 * be greeted. -errno of the start. `pool_fd`: the shared memory for blocks.
 */
int process_start(int program, int pool_fd, struct process **process);

/*
 * Waits at most `timeout` seconds for its HELLO. -ETIMEDOUT; -EPIPE when it
 * died; -EPROTO when it said something else, or is of another version: then one
 * line was logged.
 */
int process_greet(struct process *process, unsigned timeout);

/*
 * Kills it, and waits some milliseconds for its end: true if it has ended. A
 * killed process that waits for a source that hangs may not end before that
 * source answers (request_wait_answer() in Linux's FUSE).
 */
bool process_ends(struct process *process, int ms);

/*
 * Kills it and waits some seconds for its end; after that it is left alone.
 * NULL is allowed.
 */
void process_end(struct process *process);

/*
 * Kills a worker from any thread. It leaves the idle class first: a killed
 * process needs the processor to end, which on a busy machine may take a minute
 * in that class.
 */
void process_kill(pid_t pid);

pid_t process_pid(const struct process *process);
struct ring *process_ring(const struct process *process);

/* The text of its HELLO: the versions that determine bytes. */
const char *process_versions(const struct process *process);

/* The number of tasks sent so far. */
unsigned process_tasks(const struct process *process);

/*
 * Sends a task (and gives it its serial) with `count` descriptors, which stay
 * the caller's. -EPIPE: the worker is gone.
 */
int process_send(struct process *process, struct worker_task *task,
		 const int *fds, size_t count);

/*
 * The next report on the last task sent; a few on others are skipped.
 * -ETIMEDOUT: it was silent for `timeout` seconds, -EPIPE: the worker is gone,
 * -EPROTO: it broke the protocol.
 */
int process_receive(struct process *process, unsigned timeout,
		    struct report *report);

/* Tells a worker that found the ring full to continue. */
void process_room(struct process *process);

/*
 * Answers a worker that wants a block. -EPIPE: it is gone; -EPROTO: it floods.
 */
int process_answer(struct process *process, const struct loan *loan);

/*
 * "died of signal 11", ...: how a worker that is gone ended. True: somebody
 * killed it, as the kernel does when memory runs out.
 */
bool process_last_words(struct process *process, char *text, size_t size);

/* Moves it between the classes; false: the system does not allow it. */
bool process_set_class(pid_t pid, enum process_class class);

#endif
