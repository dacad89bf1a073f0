/* See home.h. */
#include "base/home.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One that is not there yet belongs to who will make it. */
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
