/* Paths as texts. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>
#include <string.h>

#define PATH_LINKS_MAX 40 /* on one path, as the kernel has it */

/*
 * The name of a path within a folder, "" for the folder itself; NULL: it is not
 * in it. Both are absolute and, except "/", do not end in a slash.
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

/* What follows the last slash. */
static inline const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The length of what precedes the last slash. */
static inline size_t path_folder_size(const char *path)
{
	const char *name = path_name(path);

	return name > path ? (size_t)(name - path) - 1 : 0;
}

/*
 * Makes the missing folders above a path, with mode 0700. 0, or -errno and the
 * length, in bytes, of the part of the path that cannot be made.
 */
int path_make_parents(const char *path, size_t *failed);

#endif
