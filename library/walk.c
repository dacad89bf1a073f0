/* See walk.h. */
#include "library/walk.h"

#include "base/cleanup.h"
#include "base/mounts.h"
#include "base/path.h"
#include "base/visited.h"
#include "library/catalog.h"
#include "library/files.h"
#include "library/links.h"
#include "library/listing.h"
#include "library/names.h"
#include "library/playlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	struct catalog *catalog;
	const struct walk_reports *reports;
	struct visited visited;
	dev_t device; /* of the folder that is gone through */
};

static int visit(struct walk *walk, bool named, const char *path);

static void miss(struct walk *walk, const char *path, int err)
{
	walk->reports->missing(walk->reports->arg, path, strerror(-err));
}

static bool is_stopped(struct walk *walk)
{
	return walk->reports->stopped(walk->reports->arg);
}

static int dirent_by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

static int visit_names(struct walk *walk, const char *folder,
		       struct dirent **names, int count)
{
	int err = 0;

	for (int i = 0; !err && i < count && !is_stopped(walk); i++) {
		auto_free char *path = path_join(folder, names[i]->d_name);

		err = path ? visit(walk, false, path) : -ENOMEM;
	}
	return err;
}

static int go_through(struct walk *walk, const char *path)
{
	auto_dir DIR *dir = NULL;
	struct dirent **names = NULL;
	int count;
	int err = library_open_dir(walk->catalog->library, path, &dir);

	count = err ? -1
		    : scandirat(dirfd(dir), ".", &names, is_name,
				dirent_by_name);
	if (!err && count < 0)
		err = -errno;
	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	err = visit_names(walk, path, names, count);
	while (count > 0)
		free(names[--count]);
	free(names);
	return err;
}

/* What another mount of ours shows below the library is no music of its own. */
static int visit_folder(struct walk *walk, bool named, const char *path,
			const struct stat *st)
{
	dev_t above = walk->device;
	int err;

	if (!named && mounts_enters_groovefs(st, above))
		return 0;
	err = visited_add(&walk->visited, st);
	if (err != 1)
		return err;
	walk->device = st->st_dev;
	err = go_through(walk, path);
	walk->device = above;
	return err;
}

static void miss_entry(void *arg, const char *name)
{
	struct walk *walk = arg;

	walk->reports->missing(walk->reports->arg, name,
			       "a playlist names it, and it is not in the "
			       "library");
}

static int find_entry(void *arg, const char *path)
{
	struct walk *walk = arg;

	if (name_is_audio(path_name(path)))
		return walk->reports->found(walk->reports->arg, path);
	walk->reports->missing(
		walk->reports->arg, path,
		"a playlist names it, but it is not an audio file");
	return 0;
}

static int visit_playlist(struct walk *walk, const char *path)
{
	int err = playlist_read(walk->catalog, path, find_entry, miss_entry,
				walk);

	if (err == -EINVAL)
		walk->reports->missing(walk->reports->arg, path,
				       "it is not a valid playlist");
	else if (err == -E2BIG)
		walk->reports->missing(walk->reports->arg, path,
				       "it names too many files that are not "
				       "here, or too many in all");
	else if (err && err != -ENOMEM)
		miss(walk, path, err);
	return err == -ENOMEM ? err : 0;
}

/*
 * Below folders only audio counts; playlists there are not followed, since the
 * files that they name are found anyway. `path` has no links.
 */
static int visit_real(struct walk *walk, bool named, const char *path)
{
	struct stat st;
	int err = library_stat(walk->catalog->library, path, &st);

	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	if (S_ISDIR(st.st_mode))
		return visit_folder(walk, named, path, &st);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (named && playlist_is(path))
		return visit_playlist(walk, path);
	if (!name_is_audio(path_name(path))) {
		if (named)
			walk->reports->missing(walk->reports->arg, path,
					       "it is not an audio file");
		return 0;
	}
	return walk->reports->found(walk->reports->arg, path);
}

static int visit(struct walk *walk, bool named, const char *path)
{
	auto_free char *real = NULL;
	int err = link_resolve(walk->catalog->library, path, &real);

	if (!err)
		return visit_real(walk, named, real);
	/* a link that leads nowhere; there would be nothing to cache */
	if (err != -ENOMEM && !named && !name_is_audio(path_name(path)))
		return 0;
	if (err == -EXDEV)
		walk->reports->missing(walk->reports->arg, path,
				       "it leads out of the library");
	else
		miss(walk, path, err);
	return err == -ENOMEM ? err : 0;
}

int library_walk(struct catalog *catalog, const char *path,
		 const struct walk_reports *reports)
{
	struct walk walk = {.catalog = catalog, .reports = reports};
	int err = *path == '/' ? visit_playlist(&walk, path)
			       : visit(&walk, true, path);

	visited_release(&walk.visited);
	return err;
}
