/* Waits for a thread, but not for ever. */
#ifndef BASE_JOIN_H
#define BASE_JOIN_H

#include "base/clock.h"

#include <pthread.h>
#include <stdbool.h>

/*
 * False: it still runs at the time `until` (of clock_ns()). Looks every
 * millisecond: the thread sanitizer does not know pthread_clockjoin_np(), and
 * pthread_timedjoin_np() waits by a clock that may be set.
 */
static inline bool join_until(pthread_t thread, int64_t until)
{
	static const struct timespec pause = {.tv_nsec = 1000000};

	while (pthread_tryjoin_np(thread, NULL) != 0) {
		if (clock_ns() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

#endif
