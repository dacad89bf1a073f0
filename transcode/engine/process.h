/*
 * A worker process as the daemon sees it: started, spoken to, ended. One
 * thread at a time.
 */
#ifndef TRANSCODE_ENGINE_PROCESS_H
#define TRANSCODE_ENGINE_PROCESS_H

#include "transcode/protocol.h"

#include <stddef.h>
#include <sys/types.h>

struct process;

enum process_class {
	PROCESS_FOREGROUND, /* a little below readers and the daemon itself */
	PROCESS_BACKGROUND, /* only where nobody else wants the processor */
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
 * Kills it, and waits some milliseconds for its end: true when it has ended. A
 * killed process that waits for a source that hangs may not end before that
 * one answers (request_wait_answer() of Linux' FUSE).
 */
bool process_ends(struct process *process, int ms);

/*
 * Kills it and waits for its end; some seconds, then it is left to itself. NULL
 * is allowed.
 */
void process_end(struct process *process);

/*
 * Kills a worker from any thread. It leaves the idle class first: a killed
 * process needs the processor to end, and on a busy machine one in that class
 * gets it after a minute.
 */
void process_kill(pid_t pid);

pid_t process_pid(const struct process *process);
struct ring *process_ring(const struct process *process);

/* What its HELLO said: the versions that decide bytes. */
const char *process_versions(const struct process *process);

/* Tasks sent so far. */
unsigned process_tasks(const struct process *process);

/*
 * Sends a task (gives it its serial) with `count` descriptors, which stay the
 * caller's. -EPIPE when the worker is gone.
 */
int process_send(struct process *process, struct worker_task *task,
		 const int *fds, size_t count);

/*
 * The next report on the last task sent; a few on others are skipped.
 * -ETIMEDOUT after `timeout` seconds of silence, -EPIPE when the worker is
 * gone, -EPROTO when it breaks the protocol.
 */
int process_receive(struct process *process, unsigned timeout,
		    struct report *report);

/* Tells a worker that found the ring full to go on. */
void process_room(struct process *process);

/* Answers a worker that wants a block. -EPIPE: it is gone; -EPROTO: it floods.
 */
int process_answer(struct process *process, const struct loan *loan);

/*
 * "died of signal 11", ...: how a worker that is gone went. True: somebody
 * ended it, as the kernel does when memory runs out.
 */
bool process_last_words(struct process *process, char *text, size_t size);

/* Moves it between the classes; false where the system does not allow it. */
bool process_set_class(pid_t pid, enum process_class class);

#endif
