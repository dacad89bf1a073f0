/*
 * The files that a command was given: those that were named, and all audio
 * below folders.
 */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct named_file {
	char *path;
	char *reason; /* why it cannot be read, or NULL */
};

struct files {
	struct named_file *named; /* sorted within each folder */
	size_t count;
	size_t left_out; /* links that lead out of their folder */
};

/*
 * Adds a file, or all audio below a folder, except what a groovefs mount below
 * it shows: that is made from other files. 0 or -ENOMEM. files_release() is
 * safe in any case.
 */
int files_collect(struct files *files, const char *name, bool follow_links);

/* Adds a file that cannot be read. 0 or -ENOMEM. */
int files_refuse(struct files *files, const char *path, const char *reason);
void files_release(struct files *files);

/*
 * Opens one for reading: a descriptor or -errno; -EINVAL: it is not a file.
 * `context` is not used: its type is that of engine_config.open_source.
 */
int files_open(void *context, const char *path);

#endif
