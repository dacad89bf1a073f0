/* groovefs umount MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

/* A mount that has died can still be taken away, but not be looked at. */
static char *mount_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

static bool is_ours(const char *path)
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

/* fusermount3 works for users as for root, and says itself what it minds. */
static int run_fusermount(char *path)
{
	char program[] = "fusermount3";
	char unmount[] = "-u";
	char *argv[] = {program, unmount, path, NULL};
	int status;
	pid_t pid;
	int err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	if (err) {
		log_error("cannot run fusermount3: %s", strerror(err));
		return EXIT_REFUSED;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return EXIT_REFUSED;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_DONE
							     : EXIT_REFUSED;
}

int umount_command(int argc, char **argv)
{
	auto_free char *path = NULL;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("Usage: groovefs umount MOUNTPOINT");
		return EXIT_DONE;
	}
	if (argc != 2 || argv[1][0] == '-') {
		log_error("a mountpoint is needed; see 'groovefs --help'");
		return EXIT_USAGE;
	}
	path = mount_path(argv[1]);
	if (!path)
		return EXIT_REFUSED;
	if (!is_ours(path)) {
		log_error("cannot unmount '%s': no groovefs is mounted there",
			  argv[1]);
		return EXIT_REFUSED;
	}
	return run_fusermount(path);
}
