/* Files that a command was given: as named, and all audio below folders. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct named_file {
	char *path;
	char *reason; /* why it cannot be read; NULL: nothing is known */
};

struct files {
	struct named_file
		*named; /* sorted in each folder, as given otherwise */
	size_t count;
	size_t room;
	size_t left_out; /* links that lead out of the folder they are below */
};

/*
 * Adds a file, or all audio below a folder, but not what a mount of groovefs
 * below it shows: that has been made of other files. 0 or -ENOMEM.
 * files_release() is right in any case.
 */
int files_collect(struct files *files, const char *name, bool follow_links);

/* Adds one that cannot be read. 0 or -ENOMEM. */
int files_refuse(struct files *files, const char *path, const char *reason);
void files_release(struct files *files);

/*
 * Opens one for reading: a descriptor or -errno; -EINVAL: it is no file.
 * `context` is not used: as engine_config.open_source.
 */
int files_open(void *context, const char *path);

#endif
