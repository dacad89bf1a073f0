/*
 * See files.h. A link below a folder is followed to what lies in that folder
 * too; one that leads elsewhere only when asked, as a mount has it. Each folder
 * is gone through once: links may lead round in a circle, or on many ways to
 * one folder.
 */
#include "cli/files.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/visited.h"
#include "fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int collect_file(struct files *files, const char *path)
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

static void complain_of_file(struct files *files, const char *path,
			     const char *reason)
{
	log_error("cannot read '%s': %s", path, reason);
	files->unreadable++;
}

/* What was named is taken as it is; of what lies below, only audio. */
static int take_file(struct files *files, const FTSENT *found)
{
	switch (found->fts_info) {
	case FTS_F:
		if (found->fts_level == FTS_ROOTLEVEL ||
		    name_is_audio(found->fts_name))
			return collect_file(files, found->fts_path);
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		complain_of_file(files, found->fts_path,
				 strerror(found->fts_errno));
		return 0;
	case FTS_SLNONE:
		if (found->fts_level == FTS_ROOTLEVEL ||
		    name_is_audio(found->fts_name))
			complain_of_file(files, found->fts_path,
					 "the link leads nowhere");
		return 0;
	case FTS_DEFAULT:
		if (found->fts_level == FTS_ROOTLEVEL)
			complain_of_file(files, found->fts_path,
					 "it is no file");
		return 0;
	default:
		return 0;
	}
}

/* Skips a folder that was gone through already. */
static int enter_found(FTS *tree, FTSENT *folder, struct visited *visited)
{
	int is_new = visited_add(visited, folder->fts_statp);

	if (is_new == 0)
		fts_set(tree, folder, FTS_SKIP);
	return is_new < 0 ? is_new : 0;
}

/* What the link leads to comes next, or nothing does. */
static int take_link(struct files *files, FTS *tree, FTSENT *link,
		     const char *root)
{
	auto_free char *real = realpath(link->fts_path, NULL);

	if (!real && errno == ENOMEM)
		return -ENOMEM;
	if (real && root && !path_within(real, root))
		files->left_out++;
	else
		fts_set(tree, link, FTS_FOLLOW);
	return 0;
}

static int found_by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

struct files_walk {
	struct files *files;
	FTS *tree;
	const char *root; /* no links are followed out of it; NULL: any */
	struct visited visited;
};

static int step_found(struct files_walk *walk, FTSENT *found)
{
	switch (found->fts_info) {
	case FTS_D:
		return enter_found(walk->tree, found, &walk->visited);
	case FTS_SL:
		return take_link(walk->files, walk->tree, found, walk->root);
	default:
		return take_file(walk->files, found);
	}
}

static int walk(struct files *files, char *name, bool follow_links)
{
	char *const names[] = {name, NULL};
	auto_free char *root = follow_links ? NULL : realpath(name, NULL);
	struct files_walk walk = {.files = files, .root = root};
	FTSENT *found;
	int err = 0;

	walk.tree = fts_open(names, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
			     found_by_name);
	if (!walk.tree)
		return -errno;
	while (!err && (errno = 0, found = fts_read(walk.tree)))
		err = step_found(&walk, found);
	if (!err && errno)
		err = -errno;
	fts_close(walk.tree);
	visited_release(&walk.visited);
	return err;
}

int files_collect(char *const *names, bool follow_links, struct files *files)
{
	int err = 0;

	*files = (struct files){0};
	for (; !err && *names; names++) {
		if (**names == '\0')
			complain_of_file(files, "", strerror(ENOENT));
		else
			err = walk(files, *names, follow_links);
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
