/* See path.h. */
#include "base/path.h"

#include "base/cleanup.h"

#include <errno.h>
#include <sys/stat.h>

int path_make_parents(const char *path, size_t *failed)
{
	auto_free char *copy = strdup(path);
	char *slash = copy;

	*failed = 0;
	if (!copy || !*copy)
		return copy ? 0 : -ENOMEM;
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			*failed = (size_t)(slash - copy);
			return -errno;
		}
		*slash = '/';
	}
	return 0;
}
