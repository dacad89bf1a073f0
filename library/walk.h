/* Finds all audio that a path of the library stands for. */
#ifndef LIBRARY_WALK_H
#define LIBRARY_WALK_H

#include <stdbool.h>

struct catalog;

struct walk_reports {
	/* Gives 0, or -errno to end the walk. */
	int (*found)(void *arg, const char *path);
	void (*missing)(void *arg, const char *path, const char *reason);
	bool (*stopped)(void *arg); /* nothing more is wanted */
	void *arg;
};

/*
 * Finds the file itself, or what a playlist names, or all audio below a folder,
 * sorted, following links. An absolute path is that of a playlist anywhere.
 * Reports what cannot be read to `missing`. 0, -ENOMEM, or what `found` gave.
 */
int library_walk(struct catalog *catalog, const char *path,
		 const struct walk_reports *reports);

#endif
