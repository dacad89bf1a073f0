/*
 * Watching the library: reports what appears in it (inotify(7)). Does not
 * follow links.
 */
#ifndef LIBRARY_WATCH_H
#define LIBRARY_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct library;
struct watch;

/*
 * Calls `appeared`, on a thread of its own, for each file that was written or
 * moved into place in the library, with its path there. 0, -ENOMEM, or -errno
 * after a log line; folders that cannot be watched are logged and left out.
 */
int watch_create(const struct library *library,
		 void (*appeared)(void *arg, const char *path), void *arg,
		 struct watch **watch);

/*
 * False: at the time `until` (clock_ns()) its thread still waits for the
 * library, and uses what it was given.
 */
bool watch_end(struct watch *watch, int64_t until);

/* Returns when no call is under way. NULL is allowed. */
void watch_destroy(struct watch *watch);

#endif
