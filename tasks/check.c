/* Checks before the mount. */
#include "tasks/check.h"

#include "base/cleanup.h"
#include "base/home.h"
#include "base/log.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/*
 * The path with all links resolved, as far as it exists; the rest is appended
 * unchanged. On the heap, NULL on failure.
 */
static char *resolve_path(const char *path)
{
	auto_free char *parent_text = NULL;
	auto_free char *name_text = NULL;
	auto_free char *parent = NULL;
	char *real = realpath(path, NULL);

	if (real || errno != ENOENT)
		return real;
	parent_text = strdup(path);
	name_text = strdup(path);
	if (!parent_text || !name_text)
		return NULL;
	parent = resolve_path(dirname(parent_text));
	if (!parent ||
	    asprintf(&real, "%s/%s", parent, basename(name_text)) < 0)
		return NULL;
	return real;
}

static bool lies_under(const char *path, const char *folder)
{
	auto_free char *inner = resolve_path(path);
	auto_free char *outer = resolve_path(folder);
	size_t n;

	if (!inner || !outer)
		return false;
	n = strlen(outer);
	if (strcmp(outer, "/") == 0)
		return true;
	return strncmp(inner, outer, n) == 0 &&
	       (inner[n] == '/' || inner[n] == '\0');
}

static int refuse_place(const char *mountpoint, int err, const char *reason)
{
	log_error("cannot mount on '%s': %s", mountpoint, reason);
	return err;
}

/* An automount's trigger is there to be mounted over. */
static bool is_trigger(const char *mountpoint)
{
	struct statfs fs;

	return statfs(mountpoint, &fs) == 0 && fs.f_type == AUTOFS_SUPER_MAGIC;
}

static bool is_mounted(const char *mountpoint)
{
	struct statx stx;

	return statx(AT_FDCWD, mountpoint, AT_NO_AUTOMOUNT, STATX_TYPE, &stx) ==
		       0 &&
	       (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) &&
	       !is_trigger(mountpoint);
}

static int check_empty(const char *mountpoint)
{
	auto_dir DIR *dir = opendir(mountpoint);
	struct dirent *entry;

	if (!dir)
		return refuse_place(mountpoint, -errno, strerror(errno));
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return refuse_place(mountpoint, -ENOTEMPTY,
					    "the folder is not empty");
	}
	return 0;
}

int check_mountpoint(const char *mountpoint, const char *library)
{
	struct stat st;

	if (stat(mountpoint, &st) != 0) {
		if (errno == ENOTCONN)
			return refuse_place(
				mountpoint, -EBUSY,
				"the daemon of an earlier mount there has "
				"died; remove it by 'groovefs umount'");
		return refuse_place(mountpoint, -errno, strerror(errno));
	}
	if (!S_ISDIR(st.st_mode))
		return refuse_place(mountpoint, -ENOTDIR, strerror(ENOTDIR));
	if (is_mounted(mountpoint))
		return refuse_place(mountpoint, -EBUSY,
				    "something is mounted there already");
	if (lies_under(mountpoint, library))
		return refuse_place(mountpoint, -EINVAL,
				    "it is inside the library");
	return check_empty(mountpoint);
}

int check_cache_place(const char *cache, const char *library,
		      const char *mountpoint)
{
	const char *where = NULL;

	if (lies_under(cache, library))
		where = "library";
	else if (mountpoint && lies_under(cache, mountpoint))
		where = "mount";
	if (!where)
		return 0;
	log_error("cannot use the cache '%s': it is inside the %s", cache,
		  where);
	return -EINVAL;
}

static char *absolute(const char *path)
{
	auto_free char *here = NULL;
	char *text = NULL;

	if (*path == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (!here || asprintf(&text, "%s/%s", here, path) < 0)
		return NULL;
	return text;
}

char *check_cache_path(const char *wanted)
{
	const char *base = getenv("XDG_CACHE_HOME");
	auto_free char *home = home_folder();
	char *path = NULL;
	int n = -1;

	if (wanted)
		return absolute(wanted);
	if (base && *base == '/')
		n = asprintf(&path, "%s/groovefs", base);
	else if (home)
		n = asprintf(&path, "%s/.cache/groovefs", home);
	return n < 0 ? NULL : path;
}

int check_cache_parents(const char *cache)
{
	size_t failed;
	int err = path_make_parents(cache, &failed);

	if (err && failed > 0)
		log_error("cannot use the cache '%s': cannot make '%.*s': %s",
			  cache, (int)failed, cache, strerror(-err));
	return err;
}
