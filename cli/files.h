/* Files that a command was given: as named, and all audio below folders. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct files {
	char **paths; /* sorted within each folder, in the order given */
	size_t count;
	size_t room;
	size_t unreadable; /* names that came to nothing; each was logged */
	size_t left_out; /* links that lead out of the folder they are below */
};

/* 0 or -ENOMEM. files_release() is right in any case. */
int files_collect(char *const *names, bool follow_links, struct files *files);
void files_release(struct files *files);

/*
 * Opens one for reading: a descriptor or -errno; -EINVAL: it is no file.
 * `context` is not used: as engine_config.open_source.
 */
int files_open(void *context, const char *path);

#endif
