/*
 * SIGINT and SIGTERM for commands with many threads: one thread waits for them,
 * so that no handler interrupts anything.
 */
#ifndef CLI_END_SIGNALS_H
#define CLI_END_SIGNALS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct end_signals {
	pthread_t thread;
	atomic_bool come;
	atomic_bool over; /* nobody waits for a signal any more */
	void (*stop)(void *arg);
	void *arg;
};

/* Call it before any thread is started: they all keep the signals blocked. */
void end_signals_block(void);

/* Calls `stop` on a thread of its own when one arrives. 0 or -errno. */
int end_signals_watch(struct end_signals *ends, void (*stop)(void *arg),
		      void *arg);

/* Returns when no call is under way: whether a signal has arrived. */
bool end_signals_unwatch(struct end_signals *ends);

/* The last signal that arrived; 0: none. */
int end_signals_last(void);

#endif
