/*
 * "Device or resource busy" does not say who is to blame. fuser(1) would, but
 * not every machine has it, and it looks at the files themselves, which waits
 * for a daemon that hangs. The links in /proc are texts that the kernel makes.
 */
#include "cli/holders.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#include <ctype.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOLD_MAX = 20, NAME_SIZE = 300, LINK_SIZE = 2 * NAME_SIZE };

struct search {
	const char *mountpoint;
	char path[PATH_MAX]; /* of the process that was found */
	unsigned found;
};

/* `name` is the link's name in the process's folder in /proc. */
static bool leads_into(struct search *search, const char *pid, const char *name)
{
	char link[LINK_SIZE];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%s/%s", pid, name);
	n = readlink(link, search->path, sizeof(search->path) - 1);
	if (n < 0)
		return false;
	search->path[n] = '\0';
	return path_within(search->path, search->mountpoint);
}

static bool is_in(struct search *search, const char *pid)
{
	return leads_into(search, pid, "cwd") ||
	       leads_into(search, pid, "root") ||
	       leads_into(search, pid, "exe");
}

static bool has_open(struct search *search, const char *pid)
{
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "/proc/%s/fd", pid);
	dir = opendir(name);
	while (dir && (entry = readdir(dir))) {
		snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		if (leads_into(search, pid, name))
			return true;
	}
	return false;
}

static FILE *open_text(const char *pid, const char *name)
{
	char path[LINK_SIZE];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	return fopen(path, "re");
}

static bool has_mapped(struct search *search, const char *pid)
{
	auto_file FILE *maps = open_text(pid, "maps");
	auto_free char *line = NULL;
	const char *path;
	size_t size = 0;

	while (maps && getline(&line, &size, maps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (!path || !path_within(path, search->mountpoint))
			continue;
		snprintf(search->path, sizeof(search->path), "%s", path);
		return true;
	}
	return false;
}

static void look_at_process(struct search *search, const char *pid)
{
	auto_file FILE *comm = NULL;
	char name[32];

	if (!is_in(search, pid) && !has_open(search, pid) &&
	    !has_mapped(search, pid))
		return;
	if (search->found++ >= TOLD_MAX)
		return;
	comm = open_text(pid, "comm");
	if (!comm || !fgets(name, sizeof(name), comm))
		snprintf(name, sizeof(name), "?");
	name[strcspn(name, "\n")] = '\0';
	log_error("'%s' is in use by process %s (%s): '%s'", search->mountpoint,
		  pid, name, search->path);
}

static void look_at_processes(struct search *search)
{
	auto_dir DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (isdigit((unsigned char)*entry->d_name))
			look_at_process(search, entry->d_name);
	}
}

static void look_at_mounts(struct search *search)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	while (mounts && (entry = getmntent(mounts))) {
		const char *name =
			path_within(entry->mnt_dir, search->mountpoint);

		if (!name || !*name || search->found++ >= TOLD_MAX)
			continue;
		log_error("'%s' is in use by the mount '%s'",
			  search->mountpoint, entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
}

void holders_tell(const char *mountpoint)
{
	struct search search = {.mountpoint = mountpoint};

	look_at_mounts(&search);
	look_at_processes(&search);
	if (search.found > TOLD_MAX)
		log_error("'%s' is in use by %u more processes or mounts",
			  mountpoint, search.found - TOLD_MAX);
	else if (search.found == 0 && getuid() != 0)
		log_error("'%s' may be in use by processes of other users, "
			  "which only root can see",
			  mountpoint);
}
