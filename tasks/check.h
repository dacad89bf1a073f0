/*
 * Checks before anything is mounted. Each function gives 0, or -errno after one
 * log line.
 */
#ifndef TASKS_CHECK_H
#define TASKS_CHECK_H

/* It exists, is an empty folder, and nothing is mounted there. */
int check_mountpoint(const char *mountpoint, const char *library);

/* It is not below the library or the mountpoint, which may be NULL. */
int check_cache_place(const char *cache, const char *library,
		      const char *mountpoint);

/*
 * The path of the cache, absolute, on the heap: `wanted`, else
 * $XDG_CACHE_HOME/groovefs, else ~/.cache/groovefs. NULL: neither is known.
 */
char *check_cache_path(const char *wanted);

/*
 * Nobody else owns it or may write in it, and nobody else decides where its
 * path leads.
 */
int check_cache_trust(const char *cache);

/* Makes the missing folders above the cache, with mode 0700. */
int check_cache_parents(const char *cache);

#endif
