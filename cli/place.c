/*
 * See place.h. The table of mounts says where they are and, as their source,
 * which library they show. A file in a mount names its source in an attribute;
 * a folder has the same name as in the library.
 *
 * A mount can name any library, configuration and cache. So only mounts count
 * whose owner could do the same without a mount: root, and whoever asks. A
 * mount that cannot be accessed, because it belongs to somebody else or has
 * died, does not hide one that can.
 */
#include "cli/place.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* A mount, as far as it matters here. */
struct candidate {
	char *mountpoint;
	char *library;
	uid_t owner;
	bool ours; /* its type is groovefs */
};

struct candidates {
	struct candidate *items;
	size_t count;
};

static void candidates_release(struct candidates *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->items[i].mountpoint);
		free(all->items[i].library);
	}
	free(all->items);
}

static int add_place(struct candidates *all, const struct mntent *entry)
{
	const char *owner = hasmntopt(entry, "user_id");
	struct candidate *more;

	if (!grow(all->items, all->count))
		return -ENOMEM;
	more = &all->items[all->count++];
	*more = (struct candidate){
		.mountpoint = strdup(entry->mnt_dir),
		.library = strdup(entry->mnt_fsname),
		.owner = owner ? (uid_t)strtoul(owner + strlen("user_id="),
						NULL, 10)
			       : 0,
		.ours = strcmp(entry->mnt_type, "fuse.groovefs") == 0,
	};
	return more->mountpoint && more->library ? 0 : -ENOMEM;
}

/* In the table's order: later mounts lie over earlier ones. */
static int read_table(struct candidates *all)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	int err = 0;

	*all = (struct candidates){0};
	if (!mounts)
		return -errno;
	while (!err && (entry = getmntent(mounts)))
		err = add_place(all, entry);
	endmntent(mounts);
	return err;
}

static bool is_trusted_mount(const struct candidate *mount)
{
	return mount->owner == 0 || mount->owner == geteuid();
}

/* The mount that a path is in, of any type. */
static const struct candidate *lies_in(const struct candidates *all,
				       const char *path)
{
	const struct candidate *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < all->count; i++) {
		size_t n = strlen(all->items[i].mountpoint);

		if (path_within(path, all->items[i].mountpoint) &&
		    n >= longest) {
			found = &all->items[i];
			longest = n;
		}
	}
	return found;
}

/* 0: it can be asked. */
static int try(const struct candidate *mount)
{
	auto_free char *control = NULL;

	if (asprintf(&control, "%s/.groovefs/events", mount->mountpoint) < 0)
		return -ENOMEM;
	return access(control, R_OK) == 0 ? 0 : -errno;
}

/*
 * Of the mounts whose library contains a path (NULL: of all), the caller's
 * before root's, those of inner libraries first. `count` is how many can be
 * asked.
 */
static int find_showing(const struct candidates *all, const char *path,
			const struct candidate **found, size_t *count)
{
	int err = -ENXIO;

	*found = NULL;
	*count = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct candidate *mount = &all->items[i];
		bool better = !*found || (mount->owner == geteuid() &&
					  (*found)->owner != geteuid());
		int tried;

		if (!mount->ours || !is_trusted_mount(mount) ||
		    (path && !path_within(path, mount->library)))
			continue;
		tried = try(mount);
		if (tried != 0) {
			err = tried;
			continue;
		}
		++*count;
		if (better ||
		    (mount->owner == (*found)->owner &&
		     strlen(mount->library) >= strlen((*found)->library)))
			*found = mount;
	}
	return *found ? 0 : err;
}

/* "pcm/native/..." is in a view with two names. */
static size_t view_length(const char *inside)
{
	size_t n = strcspn(inside, "/");

	if (n == 3 && strncmp(inside, "pcm", 3) == 0 && inside[n])
		n += 1 + strcspn(inside + n + 1, "/");
	return n;
}

static int take_place(struct place *place, const struct candidate *mount,
		      const char *path)
{
	place->mountpoint = strdup(mount->mountpoint);
	place->library = strdup(mount->library);
	place->path = strdup(path);
	return place->mountpoint && place->library && place->path ? 0 : -ENOMEM;
}

static bool is_view(const char *view, size_t n, const char *name)
{
	return n == strlen(name) && strncmp(view, name, n) == 0;
}

/* Whether what the view `inside` begins with has no single source. */
static int check_source(const char *path, const char *inside, size_t n)
{
	struct stat st;

	if (is_view(inside, n, ".groovefs"))
		return -EOPNOTSUPP;
	if (is_view(inside, n, "analysis") &&
	    strcmp(path_name(path), "album.json") == 0 &&
	    lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return -ENODATA;
	return 0;
}

static int take_in_mount(struct place *place, const struct candidate *mount,
			 const char *path)
{
	const char *inside = path_within(path, mount->mountpoint);
	const char *rest;
	char source[PATH_MAX + 1];
	size_t n = view_length(inside);
	int err = check_source(path, inside, n);
	ssize_t size;

	if (err)
		return err;
	place->in_mount = true;
	if (n > 0) {
		place->view = strndup(inside, n);
		if (!place->view)
			return -ENOMEM;
	}
	rest = inside[n] ? inside + n + 1 : "";
	size = getxattr(path, "user.groovefs.source", source, PATH_MAX);
	if (size < 0 && errno == EACCES)
		return -EACCES;
	source[size > 0 ? size : 0] = '\0';
	return take_place(place, mount, size > 0 ? source : rest);
}

static int find_mounted(const struct candidates *all, const char *path,
			struct place *place)
{
	const struct candidate *mount = lies_in(all, path);
	size_t count;
	int err;

	if (mount && mount->ours)
		return is_trusted_mount(mount)
			       ? take_in_mount(place, mount, path)
			       : -EPERM;
	err = find_showing(all, path, &mount, &count);
	return err ? err
		   : take_place(place, mount,
				path_within(path, mount->library));
}

int place_find(const char *path, struct place *place)
{
	auto_free char *real = realpath(path, NULL);
	struct candidates all;
	int err;

	*place = (struct place){0};
	if (!real)
		return -errno;
	err = read_table(&all);
	if (!err)
		err = find_mounted(&all, real, place);
	candidates_release(&all);
	return err;
}

static int find_at(const struct candidates *all, const char *mountpoint,
		   const struct candidate **found)
{
	*found = lies_in(all, mountpoint);
	if (!*found || !(*found)->ours ||
	    strcmp((*found)->mountpoint, mountpoint) != 0)
		return -ENXIO;
	return 0;
}

static int find_in(const struct candidates *all, const char *path,
		   const char *mountpoint, struct place *place)
{
	const struct candidate *mount;
	const char *inside;
	int err = find_at(all, mountpoint, &mount);

	if (err)
		return err;
	if (path_within(path, mountpoint))
		return take_in_mount(place, mount, path);
	inside = path_within(path, mount->library);
	return inside ? take_place(place, mount, inside) : -ENXIO;
}

int place_find_in(const char *path, const char *mountpoint, struct place *place)
{
	auto_free char *real = NULL;
	auto_free char *at = realpath(mountpoint, NULL);
	struct candidates all;
	int err;

	*place = (struct place){0};
	if (!at)
		return -errno;
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	err = read_table(&all);
	if (!err)
		err = find_in(&all, real, at, place);
	candidates_release(&all);
	return err;
}

static int find_only(const struct candidates *all,
		     const struct candidate **found)
{
	size_t of_all, of_library;
	int err = find_showing(all, NULL, found, &of_all);

	if (!err)
		err = find_showing(all, (*found)->library, found, &of_library);
	return !err && of_all > of_library ? -ENOTUNIQ : err;
}

int place_of_mount(const char *mountpoint, struct place *place)
{
	auto_free char *at = mountpoint ? realpath(mountpoint, NULL) : NULL;
	const struct candidate *mount;
	struct candidates all;
	int err;

	*place = (struct place){0};
	if (mountpoint && !at)
		return -errno;
	err = read_table(&all);
	if (!err)
		err = at ? find_at(&all, at, &mount) : find_only(&all, &mount);
	if (!err)
		err = take_place(place, mount, "");
	candidates_release(&all);
	return err;
}

int place_source(const char *path, char **source)
{
	struct place place;
	int err = place_find(path, &place);
	char *found = NULL;

	if (err == 0 && place.in_mount) {
		if (asprintf(&found, "%s%s%s", place.library,
			     *place.path ? "/" : "", place.path) < 0)
			found = NULL;
	} else if (err != -ENODATA && err != -EOPNOTSUPP) {
		found = strdup(path);
		err = 0;
	}
	place_release(&place);
	if (err == 0 && !found)
		err = -ENOMEM;
	if (err == 0)
		*source = found;
	return err;
}

const char *place_reason(int err)
{
	switch (err) {
	case -ENXIO:
		return "it is in no mount and in no mounted library; see "
		       "--library";
	case -ENOTUNIQ:
		return "several libraries are mounted; see --mount";
	case -EPERM:
		return "the mount belongs to another user";
	case -ENODATA:
		return "it summarizes the tracks of its folder: name them, or "
		       "the folder";
	case -EOPNOTSUPP:
		return "it is one of the mount's own files, not of its library";
	default:
		return strerror(-err);
	}
}

void place_release(struct place *place)
{
	free(place->mountpoint);
	free(place->library);
	free(place->view);
	free(place->path);
	*place = (struct place){0};
}
