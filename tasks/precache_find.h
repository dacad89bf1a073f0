/* What is to be cached below a path of the library. */
#ifndef TASKS_PRECACHE_FIND_H
#define TASKS_PRECACHE_FIND_H

#include <stdbool.h>

struct core;

/* `found` gives 0, or -errno to end the search. */
struct precache_finder {
	int (*found)(void *arg, const char *path);
	void (*missing)(void *arg, const char *path, const char *reason);
	bool (*stopped)(void *arg); /* nothing more is wanted */
	void *arg;
};

/*
 * Finds the file itself, or what a playlist names, or all audio below a folder,
 * sorted, links followed. An absolute path is that of a playlist anywhere. What
 * cannot be read is told to `missing`. 0, -ENOMEM, or what `found` gave.
 */
int precache_find(struct core *core, const char *path,
		  const struct precache_finder *finder);

#endif
