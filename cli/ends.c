/* See ends.h. */
#include "cli/ends.h"

#include <signal.h>
#include <stddef.h>

static sigset_t both(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	return signals;
}

void ends_block(void)
{
	sigset_t signals = both();

	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void *run(void *arg)
{
	struct ends *ends = arg;
	sigset_t signals = both();
	int signal;

	sigwait(&signals, &signal);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	atomic_store(&ends->come, true);
	ends->stop(ends->arg);
	return NULL;
}

int ends_watch(struct ends *ends, void (*stop)(void *arg), void *arg)
{
	atomic_init(&ends->come, false);
	ends->stop = stop;
	ends->arg = arg;
	return -pthread_create(&ends->thread, NULL, run, ends);
}

bool ends_unwatch(struct ends *ends)
{
	pthread_cancel(ends->thread);
	pthread_join(ends->thread, NULL);
	return atomic_load(&ends->come);
}
