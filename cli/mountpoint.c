/*
 * See mountpoint.h. Any access to a mount whose daemon has died fails with
 * ENOTCONN; its parent folder and the table of mounts still know about it.
 */
#include "cli/mountpoint.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <mntent.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

/*
 * "x/" and "x/." ask whether x is a folder, which a dead mount cannot answer.
 */
static void strip_end(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && (path[n - 1] == '/' ||
			 (path[n - 1] == '.' && n > 2 && path[n - 2] == '/')))
		path[--n] = '\0';
}

char *mountpoint_path(const char *path)
{
	char *stripped = strdup(path);
	char *real;

	if (!stripped)
		return NULL;
	strip_end(stripped);
	real = realpath(stripped, NULL);
	if (!real)
		return stripped;
	free(stripped);
	return real;
}

bool mountpoint_is_ours(const char *path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	bool ours = false;

	if (!mounts)
		return false;
	while ((entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_dir, path) == 0)
			ours = strcmp(entry->mnt_type, "fuse.groovefs") == 0;
	}
	endmntent(mounts);
	return ours;
}

/*
 * fusermount3 works for users as well as for root, and prints its own errors.
 */
int mountpoint_unmount(const char *path, bool lazy)
{
	const char *argv[] = {"fusermount3", lazy ? "-uz" : "-u", "--", path,
			      NULL};
	int status;
	pid_t pid;
	int err = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv,
			       environ);

	if (err) {
		log_error("cannot run fusermount3: %s", strerror(err));
		return -err;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
}

/* The kernel may still answer from what it remembers of the folder. */
static bool is_dead(const char *path)
{
	auto_dir DIR *dir = NULL;

	if (!mountpoint_is_ours(path))
		return false;
	dir = opendir(path);
	return !dir && (errno == ENOTCONN || errno == ECONNABORTED);
}

int mountpoint_free(const char *path)
{
	int err = 0;

	while (!err && is_dead(path)) {
		err = mountpoint_unmount(path, true);
		if (!err)
			log_warn("unmounted '%s': the daemon of an earlier "
				 "mount there had died",
				 path);
	}
	return err;
}
