/*
 * The time of change (ctime) stands for owner, mode and ACL. It also moves when
 * something is put into a folder; then one opening takes a second look.
 */
#include "fs/told.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "fs/ops.h"

#include <errno.h>
#include <string.h>

static int64_t changed_at(const struct stat *st)
{
	return file_id_of(st).ctime_ns;
}

void told_note(struct node *node, const struct stat *st)
{
	if (node->kind == NODE_FOLDER)
		atomic_store(&node->told, changed_at(st));
}

/* What is gone, or cannot be looked at, the kernel finds out itself. */
static bool is_as_told(struct fs *fs, struct node *folder)
{
	struct stat st;

	if (library_stat(fs->core.catalog.library, folder->path, &st) != 0 ||
	    changed_at(&st) == atomic_load(&folder->told))
		return true;
	fuse_lowlevel_notify_inval_inode(fs->session, folder->number, -1, 0);
	told_note(folder, &st);
	return false;
}

/* One of which the kernel knows nothing it will ask for. */
static bool is_folder_as_told(struct fs *fs, const char *mount_path)
{
	struct node *folder = nodes_hold_folder(fs->nodes, mount_path);
	bool right = !folder || is_as_told(fs, folder);

	nodes_unref(fs->nodes, folder);
	return right;
}

int told_check(struct fs *fs, const struct node *node)
{
	auto_free char *path = strdup(node->mount_path);
	bool right = true;

	if (!path)
		return -ENOMEM;
	if (!fs->core.catalog.shared || !node->view)
		return 0;
	if (node->kind != NODE_FOLDER)
		path[path_folder_size(path)] = '\0';
	/* all of them: the kernel looks again but once */
	for (; strlen(path) >= strlen(node->view->name);
	     path[path_folder_size(path)] = '\0')
		right = is_folder_as_told(fs, path) && right;
	return right ? 0 : -ESTALE;
}
