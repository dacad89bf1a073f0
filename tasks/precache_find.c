/* See precache_find.h. */
#include "tasks/precache_find.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "library/library.h"
#include "tasks/core.h"

#include <errno.h>
#include <search.h>
#include <string.h>

/* Links to folders lead round in circles, or to one folder on many ways. */
struct place {
	dev_t dev;
	ino_t ino;
};

struct walk {
	struct core *core;
	const struct precache_finder *finder;
	void *visited; /* tree of places */
};

static int visit(struct walk *walk, bool named, const char *path);

static void miss(struct walk *walk, const char *path, int err)
{
	walk->finder->missing(walk->finder->arg, path, strerror(-err));
}

static bool is_stopped(struct walk *walk)
{
	return walk->finder->stopped(walk->finder->arg);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->dev != right->dev)
		return left->dev < right->dev ? -1 : 1;
	return (left->ino > right->ino) - (left->ino < right->ino);
}

/* -EALREADY: it was visited before. */
static int enter(struct walk *walk, const struct stat *st)
{
	struct place *place = malloc(sizeof(*place));
	struct place **found;

	if (!place)
		return -ENOMEM;
	*place = (struct place){st->st_dev, st->st_ino};
	found = tsearch(place, &walk->visited, compare_places);
	if (found && *found == place)
		return 0;
	free(place);
	return found ? -EALREADY : -ENOMEM;
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

static int visit_names(struct walk *walk, const char *folder, char **names,
		       size_t count)
{
	int err = 0;

	qsort(names, count, sizeof(*names), compare);
	for (size_t i = 0; !err && i < count && !is_stopped(walk); i++) {
		auto_free char *path = path_join(folder, names[i]);

		err = path ? visit(walk, false, path) : -ENOMEM;
	}
	return err;
}

static int visit_folder(struct walk *walk, const char *path,
			const struct stat *st)
{
	auto_dir DIR *dir = NULL;
	char **names = NULL;
	size_t count = 0;
	int err = enter(walk, st);

	if (err)
		return err == -EALREADY ? 0 : err;
	err = library_open_dir(walk->core->catalog.library, path, &dir);
	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	err = read_names(dir, &names, &count);
	if (!err)
		err = visit_names(walk, path, names, count);
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

	if (name_classify(path_name(path)) != NAME_OTHER)
		return walk->finder->found(walk->finder->arg, path);
	walk->finder->missing(walk->finder->arg, path,
			      "a playlist names it, and it is no audio file");
	return 0;
}

static int visit_playlist(struct walk *walk, const char *path)
{
	int err = playlist_read(&walk->core->catalog, path, find_entry,
				miss_entry, walk);

	if (err == -EINVAL)
		walk->finder->missing(walk->finder->arg, path,
				      "its XML is broken");
	else if (err && err != -ENOMEM)
		miss(walk, path, err);
	return err == -ENOMEM ? err : 0;
}

/*
 * Below folders only audio counts; a playlist there is not followed, since what
 * it names is found anyway. `path` has no links.
 */
static int visit_real(struct walk *walk, bool named, const char *path)
{
	struct stat st;
	int err = library_stat(walk->core->catalog.library, path, &st);

	if (err) {
		miss(walk, path, err);
		return err == -ENOMEM ? err : 0;
	}
	if (S_ISDIR(st.st_mode))
		return visit_folder(walk, path, &st);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (named && playlist_is(path))
		return visit_playlist(walk, path);
	if (name_classify(path_name(path)) == NAME_OTHER) {
		if (named)
			walk->finder->missing(walk->finder->arg, path,
					      "it is no audio file");
		return 0;
	}
	return walk->finder->found(walk->finder->arg, path);
}

static int visit(struct walk *walk, bool named, const char *path)
{
	auto_free char *real = NULL;
	int err = link_resolve(walk->core->catalog.library, path, &real);

	if (!err)
		return visit_real(walk, named, real);
	/* a link that leads nowhere, of which nothing would be cached */
	if (err != -ENOMEM && !named &&
	    name_classify(path_name(path)) == NAME_OTHER)
		return 0;
	if (err == -EXDEV)
		walk->finder->missing(walk->finder->arg, path,
				      "it leads out of the library");
	else
		miss(walk, path, err);
	return err == -ENOMEM ? err : 0;
}

int precache_find(struct core *core, const char *path,
		  const struct precache_finder *finder)
{
	struct walk walk = {core, finder, NULL};
	int err = *path == '/' ? visit_playlist(&walk, path)
			       : visit(&walk, true, path);

	tdestroy(walk.visited, free);
	return err;
}
