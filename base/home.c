/* See home.h. */
#include "base/home.h"

#include "base/cleanup.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* If it does not exist yet, it belongs to whoever will make it. */
static bool is_foreign(const char *home)
{
	struct stat st;

	return stat(home, &st) == 0 && st.st_uid != geteuid();
}

char *home_folder(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && *home == '/' && !is_foreign(home))
		return strdup(home);
	user = getpwuid(geteuid());
	return user && *user->pw_dir == '/' ? strdup(user->pw_dir) : NULL;
}

/* NULL: no such user, or no memory. */
static char *home_of(const char *name, size_t n)
{
	auto_free char *copy = n ? strndup(name, n) : NULL;
	const struct passwd *user = copy ? getpwnam(copy) : NULL;

	if (n == 0)
		return home_folder();
	return user ? strdup(user->pw_dir) : NULL;
}

char *home_expand(const char *path)
{
	size_t n = strcspn(path, "/");
	auto_free char *home = NULL;
	char *expanded;

	errno = 0;
	if (*path == '~')
		home = home_of(path + 1, n - 1);
	if (!home)
		return errno == ENOMEM ? NULL : strdup(path);
	return asprintf(&expanded, "%s%s", home, path + n) < 0 ? NULL
							       : expanded;
}
