/*
 * See files.h. A link below a folder is followed to what is in that folder,
 * too; one that leads elsewhere only on request, as in a mount. Each folder is
 * walked once: links may form circles, or lead to one folder in many ways.
 */
#include "cli/files.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/mounts.h"
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

static int add_file(struct files *files, const char *path, const char *reason)
{
	struct named_file file = {strdup(path), reason ? strdup(reason) : NULL};

	if (!file.path || (reason && !file.reason) ||
	    !grow(files->named, files->count)) {
		free(file.path);
		free(file.reason);
		return -ENOMEM;
	}
	files->named[files->count++] = file;
	return 0;
}

int files_refuse(struct files *files, const char *path, const char *reason)
{
	return add_file(files, path, reason);
}

/* A file that was named is taken in any case; below folders, only audio. */
static int take_file(struct files *files, const FTSENT *found)
{
	bool wanted = found->fts_level == FTS_ROOTLEVEL ||
		      name_is_audio(found->fts_name);

	switch (found->fts_info) {
	case FTS_F:
		return wanted ? add_file(files, found->fts_path, NULL) : 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return add_file(files, found->fts_path,
				strerror(found->fts_errno));
	case FTS_SLNONE:
		return wanted ? add_file(files, found->fts_path,
					 "the link leads nowhere")
			      : 0;
	case FTS_DEFAULT:
		return found->fts_level == FTS_ROOTLEVEL
			       ? add_file(files, found->fts_path,
					  "it is no file")
			       : 0;
	default:
		return 0;
	}
}

static bool is_our_mount(const FTSENT *folder)
{
	return folder->fts_level > FTS_ROOTLEVEL &&
	       mounts_enters_groovefs(folder->fts_statp,
				      folder->fts_parent->fts_dev);
}

/* Skips a folder that was walked already, or is one of our mounts. */
static int enter_found(FTS *tree, FTSENT *folder, struct visited *visited)
{
	int is_new = is_our_mount(folder)
			     ? 0
			     : visited_add(visited, folder->fts_statp);

	if (is_new == 0)
		fts_set(tree, folder, FTS_SKIP);
	return is_new < 0 ? is_new : 0;
}

/* Continues with the target of a link, or with nothing. */
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
	const char *root; /* links out of it are not followed; NULL: all are */
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

static int go_through(struct files_walk *walk)
{
	FTSENT *found;
	int err = 0;

	while (!err && (errno = 0, found = fts_read(walk->tree)))
		err = step_found(walk, found);
	return err ? err : -errno;
}

int files_collect(struct files *files, const char *name, bool follow_links)
{
	auto_free char *path = strdup(name);
	auto_free char *root = follow_links ? NULL : realpath(name, NULL);
	char *const paths[] = {path, NULL};
	struct files_walk walk = {.files = files, .root = root};
	int err;

	if (!path)
		return -ENOMEM;
	if (*name == '\0')
		return add_file(files, name, strerror(ENOENT));
	walk.tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
			     found_by_name);
	if (!walk.tree)
		return -errno;
	err = go_through(&walk);
	fts_close(walk.tree);
	visited_release(&walk.visited);
	return err;
}

void files_release(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->named[i].path);
		free(files->named[i].reason);
	}
	free(files->named);
}

/* So that opening a fifo does not block. */
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
