/* Paths as texts. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>
#include <string.h>

#define PATH_LINKS_MAX 40 /* on one path, as the kernel has it */

/*
 * What a path is called within a folder, "" for the folder itself; NULL: it
 * does not lie there. Both are absolute, without a slash at their ends, but
 * "/".
 */
static inline const char *path_within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (*folder != '/')
		return NULL;
	if (n == 1) /* "/" */
		n = 0;
	if (strncmp(path, folder, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path[n] ? path + n + 1 : path + n;
}

/* What comes behind the last slash. */
static inline const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* How much of a path comes before the last slash. */
static inline size_t path_folder_size(const char *path)
{
	const char *name = path_name(path);

	return name > path ? (size_t)(name - path) - 1 : 0;
}

/*
 * Makes the folders above a path, mode 0700, where there are none. 0, or
 * -errno and how much of the path, in bytes, is the one that cannot be made.
 */
int path_make_parents(const char *path, size_t *failed);

#endif
