/*
 * See files.h. Links are followed, and each folder is gone through once: links
 * may lead round in a circle, or on many ways to one folder.
 */
#include "cli/files.h"

#include "base/log.h"
#include "fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add(struct files *files, const char *path)
{
	if (files->count == files->room) {
		size_t room = files->room ? 2 * files->room : 64;
		char **paths = reallocarray(files->paths, room, sizeof(*paths));

		if (!paths)
			return -ENOMEM;
		files->paths = paths;
		files->room = room;
	}
	files->paths[files->count] = strdup(path);
	return files->paths[files->count++] ? 0 : -ENOMEM;
}

static void complain(struct files *files, const char *path, const char *reason)
{
	log_error("cannot read '%s': %s", path, reason);
	files->unreadable++;
}

/* What was named is taken as it is; of what lies below, only audio. */
static int take(struct files *files, const FTSENT *found)
{
	switch (found->fts_info) {
	case FTS_F:
		if (found->fts_level == FTS_ROOTLEVEL ||
		    name_is_audio(found->fts_name))
			return add(files, found->fts_path);
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		complain(files, found->fts_path, strerror(found->fts_errno));
		return 0;
	case FTS_SLNONE:
		complain(files, found->fts_path, "the link leads nowhere");
		return 0;
	case FTS_DEFAULT:
		if (found->fts_level == FTS_ROOTLEVEL)
			complain(files, found->fts_path, "it is no file");
		return 0;
	default:
		return 0;
	}
}

struct place {
	dev_t dev;
	ino_t ino;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->dev != right->dev)
		return left->dev < right->dev ? -1 : 1;
	return (left->ino > right->ino) - (left->ino < right->ino);
}

/* Skips a folder that was gone through already. */
static int enter(FTS *tree, FTSENT *folder, void **visited)
{
	struct place *place = malloc(sizeof(*place));
	struct place **found;

	if (!place)
		return -ENOMEM;
	*place = (struct place){folder->fts_statp->st_dev,
				folder->fts_statp->st_ino};
	found = tsearch(place, visited, compare_places);
	if (found && *found == place)
		return 0;
	free(place);
	if (!found)
		return -ENOMEM;
	fts_set(tree, folder, FTS_SKIP);
	return 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(struct files *files, char *name)
{
	char *const names[] = {name, NULL};
	FTS *tree = fts_open(names, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	void *visited = NULL;
	FTSENT *found;
	int err = tree ? 0 : -errno;

	while (!err && (errno = 0, found = fts_read(tree)))
		err = found->fts_info == FTS_D ? enter(tree, found, &visited)
					       : take(files, found);
	if (!err && tree && errno)
		err = -errno;
	if (tree)
		fts_close(tree);
	tdestroy(visited, free);
	return err;
}

int files_collect(char *const *names, struct files *files)
{
	int err = 0;

	*files = (struct files){0};
	for (; !err && *names; names++) {
		if (**names == '\0')
			complain(files, "", strerror(ENOENT));
		else
			err = walk(files, *names);
	}
	return err;
}

void files_release(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
}

/* Opening a fifo does not block. */
int files_open(void *context, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	(void)context;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}
