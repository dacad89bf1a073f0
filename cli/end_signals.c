/*
 * See end_signals.h. The thread is ended by a signal of its own instead of
 * being canceled: sanitizers cope badly with a thread that never returns.
 */
#include "cli/end_signals.h"

#include <signal.h>
#include <stddef.h>

/* Nobody else sends it; if somebody does, it is ignored. */
enum { OVER = SIGUSR2 };

static atomic_int last;

int end_signals_last(void)
{
	return atomic_load(&last);
}

static sigset_t waited_for(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, OVER);
	return signals;
}

void end_signals_block(void)
{
	sigset_t signals = waited_for();

	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void *await_end_signal(void *arg)
{
	struct end_signals *ends = arg;
	sigset_t signals = waited_for();
	int signal = OVER;

	while (signal == OVER && !atomic_load(&ends->over))
		sigwait(&signals, &signal);
	if (signal == OVER)
		return NULL;
	atomic_store(&last, signal);
	atomic_store(&ends->come, true);
	ends->stop(ends->arg);
	return NULL;
}

int end_signals_watch(struct end_signals *ends, void (*stop)(void *arg),
		      void *arg)
{
	atomic_init(&ends->come, false);
	atomic_init(&ends->over, false);
	ends->stop = stop;
	ends->arg = arg;
	return -pthread_create(&ends->thread, NULL, await_end_signal, ends);
}

bool end_signals_unwatch(struct end_signals *ends)
{
	atomic_store(&ends->over, true);
	pthread_kill(ends->thread, OVER);
	pthread_join(ends->thread, NULL);
	return atomic_load(&ends->come);
}
