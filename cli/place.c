/*
 * See place.h. The table of mounts says where they are and, as their source,
 * which library they show. What a file in a mount is made of it tells by an
 * attribute; a folder has its own name.
 */
#include "cli/place.h"

#include "base/cleanup.h"
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>

static bool is_ours(const struct mntent *entry)
{
	return strcmp(entry->mnt_type, "fuse.groovefs") == 0;
}

/* "pcm/native/..." has a view of two names. */
static size_t view_length(const char *inside)
{
	size_t n = strcspn(inside, "/");

	if (n == 3 && strncmp(inside, "pcm", 3) == 0 && inside[n])
		n += 1 + strcspn(inside + n + 1, "/");
	return n;
}

static int take_source(struct place *place, const char *path, const char *rest)
{
	char source[PATH_MAX + 1];
	ssize_t n = getxattr(path, "user.groovefs.source", source, PATH_MAX);

	if (n > 0) {
		source[n] = '\0';
		rest = source;
	}
	place->path = strdup(rest);
	return place->path ? 0 : -ENOMEM;
}

static int in_mount(struct place *place, const struct mntent *entry,
		    const char *path, const char *inside)
{
	size_t n = view_length(inside);

	place->mountpoint = strdup(entry->mnt_dir);
	place->library = strdup(entry->mnt_fsname);
	if (n > 0)
		place->view = strndup(inside, n);
	if (!place->mountpoint || !place->library || (n > 0 && !place->view))
		return -ENOMEM;
	return take_source(place, path, inside[n] ? inside + n + 1 : "");
}

static int in_library(struct place *place, const struct mntent *entry,
		      const char *inside)
{
	place->mountpoint = strdup(entry->mnt_dir);
	place->library = strdup(entry->mnt_fsname);
	place->path = strdup(inside);
	return place->mountpoint && place->library && place->path ? 0 : -ENOMEM;
}

/* -EAGAIN: it is another mount's. */
static int look_at(struct place *place, const struct mntent *entry,
		   const char *path, const char *only)
{
	const char *inside;

	if (!is_ours(entry) || (only && strcmp(entry->mnt_dir, only) != 0))
		return -EAGAIN;
	inside = path_within(path, entry->mnt_dir);
	if (inside)
		return in_mount(place, entry, path, inside);
	inside = path_within(path, entry->mnt_fsname);
	return inside ? in_library(place, entry, inside) : -EAGAIN;
}

int place_find(const char *path, const char *mountpoint, struct place *place)
{
	auto_free char *only = mountpoint ? realpath(mountpoint, NULL) : NULL;
	auto_free char *real = realpath(path, NULL);
	struct mntent *entry;
	FILE *mounts;
	int err = -EAGAIN;

	*place = (struct place){0};
	if (!real || (mountpoint && !only))
		return -errno;
	mounts = setmntent("/proc/self/mounts", "r");
	if (!mounts)
		return -errno;
	while (err == -EAGAIN && (entry = getmntent(mounts)))
		err = look_at(place, entry, real, only);
	endmntent(mounts);
	return err == -EAGAIN ? -ENOENT : err;
}

int place_of_mount(const char *mountpoint, struct place *place)
{
	int err = place_find(mountpoint, mountpoint, place);

	if (!err && (place->view || *place->path))
		err = -ENOENT;
	return err;
}

void place_release(struct place *place)
{
	free(place->mountpoint);
	free(place->library);
	free(place->view);
	free(place->path);
}
