/* See precache_find.h. */
#include "fs/precache_find.h"

#include "base/cleanup.h"
#include "fs/fs_private.h"
#include "fs/library.h"
#include "fs/names.h"
#include "fs/playlist.h"

#include <errno.h>
#include <string.h>

/* A folder that is being walked, and those that it lies in. */
struct place {
	const struct place *above;
	dev_t dev;
	ino_t ino;
};

struct walk {
	struct fs *fs;
	const struct precache_finder *finder;
};

static int visit(struct walk *walk, const struct place *above,
		 const char *path);

static void miss(struct walk *walk, const char *path, int err)
{
	walk->finder->missing(walk->finder->arg, path, strerror(-err));
}

static bool is_stopped(struct walk *walk)
{
	return walk->finder->stopped(walk->finder->arg);
}

/* A link that leads up would be walked for ever. */
static bool is_circle(const struct place *place, const struct stat *st)
{
	for (; place; place = place->above) {
		if (place->dev == st->st_dev && place->ino == st->st_ino)
			return true;
	}
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(DIR *dir, char ***names, size_t *count)
{
	struct dirent *entry;
	size_t room = 0;

	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (*count == room) {
			char **more;

			room = room ? 2 * room : 64;
			more = reallocarray(*names, room, sizeof(*more));
			if (!more)
				return -ENOMEM;
			*names = more;
		}
		(*names)[*count] = strdup(entry->d_name);
		if (!(*names)[(*count)++])
			return -ENOMEM;
	}
	return 0;
}

static int visit_names(struct walk *walk, const struct place *place,
		       const char *folder, char **names, size_t count)
{
	int err = 0;

	qsort(names, count, sizeof(*names), compare);
	for (size_t i = 0; !err && i < count && !is_stopped(walk); i++) {
		auto_free char *path = path_join(folder, names[i]);

		err = path ? visit(walk, place, path) : -ENOMEM;
	}
	return err;
}

static int visit_folder(struct walk *walk, const struct place *above,
			const char *path, const struct stat *st)
{
	struct place place = {above, st->st_dev, st->st_ino};
	auto_dir DIR *dir = NULL;
	char **names = NULL;
	size_t count = 0;
	int err;

	if (is_circle(above, st))
		return 0;
	err = library_open_dir(walk->fs->library, path, &dir);
	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	err = read_names(dir, &names, &count);
	if (!err)
		err = visit_names(walk, &place, path, names, count);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return err;
}

static void miss_entry(void *arg, const char *name)
{
	struct walk *walk = arg;

	walk->finder->missing(walk->finder->arg, name,
			      "a playlist names it, and it is not in the "
			      "library");
}

static int find_entry(void *arg, const char *path)
{
	struct walk *walk = arg;

	return walk->finder->found(walk->finder->arg, path);
}

static int visit_playlist(struct walk *walk, const char *path)
{
	int err = playlist_read(walk->fs, path, find_entry, miss_entry, walk);

	if (err == -EINVAL)
		walk->finder->missing(walk->finder->arg, path,
				      "its XML is broken");
	else if (err && err != -ENOMEM)
		miss(walk, path, err);
	return err == -ENOMEM ? err : 0;
}

/* Below folders only audio counts; a playlist there is not followed, since what
 * it names is found anyway. */
static int visit(struct walk *walk, const struct place *above, const char *path)
{
	struct stat st;
	int err = library_stat(walk->fs->library, path, &st);

	/* a link that leads nowhere, of which nothing would be cached */
	if (err && err != -ENOMEM && above && name_classify(path) == NAME_OTHER)
		return 0;
	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	if (S_ISDIR(st.st_mode))
		return visit_folder(walk, above, path, &st);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (above && name_classify(path) == NAME_OTHER)
		return 0;
	if (!above && playlist_is(path))
		return visit_playlist(walk, path);
	return walk->finder->found(walk->finder->arg, path);
}

int precache_find(struct fs *fs, const char *path,
		  const struct precache_finder *finder)
{
	struct walk walk = {fs, finder};

	return visit(&walk, NULL, path);
}
