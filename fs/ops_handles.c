/*
 * Files by their numbers. An NFS server, or a user of open_by_handle_at(2),
 * keeps a number long after the kernel and we have forgotten the node. The
 * kernel then looks up "." in it, and ".." to find a folder's place:
 *
 *   number -> the path that it had -> its folder's node -> a lookup as usual
 *
 * What is found is right if it has the same number. A file that has moved or
 * has another version is stale: numbers depend on paths, and nothing is lost,
 * as the client then looks for it by name.
 */
#include "fs/ops.h"

#include "base/cleanup.h"
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool ops_is_handle_name(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * The folder of "a/b" is "a", that of "b" is "". On the heap; NULL: no memory.
 */
static char *folder_of(const char *mount_path)
{
	return strndup(mount_path, path_folder_size(mount_path));
}

/* Folders of the library have the same name in every view. */
static int make_library_folder(struct fs *fs, const struct node *parent,
			       const char *mount_path, const char *name,
			       struct node **node)
{
	auto_free char *path = path_join(parent->path, name);
	struct stat st;
	int err = path ? library_stat(fs->core.catalog.library, path, &st)
		       : -ENOMEM;

	if (err)
		return err;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	*node = node_create(NODE_FOLDER, parent->view, mount_path, path, &st);
	return *node ? 0 : -ENOMEM;
}

static int find_folder(struct fs *fs, const char *mount_path,
		       struct node **folder);

static int make_folder(struct fs *fs, const char *mount_path,
		       struct node **node)
{
	auto_free char *above = folder_of(mount_path);
	const char *name = path_name(mount_path);
	struct node *parent;
	int err = above ? find_folder(fs, above, &parent) : -ENOMEM;

	if (err)
		return err;
	err = parent->kind == NODE_FOLDER
		      ? make_library_folder(fs, parent, mount_path, name, node)
		      : ops_find(fs, parent, name, node);
	nodes_unref(fs->nodes, parent);
	return err;
}

/* With a reference. */
static int find_folder(struct fs *fs, const char *mount_path,
		       struct node **folder)
{
	struct node *node = fs->root;
	int err = 0;

	if (*mount_path) {
		err = make_folder(fs, mount_path, &node);
		if (err)
			return err;
		node = nodes_enter(fs->nodes, node);
		if (!node)
			return -ENOMEM;
	}
	nodes_ref(fs->nodes, node);
	if (*mount_path)
		nodes_forget(fs->nodes, node, 1);
	*folder = node;
	return 0;
}

static void look_by_path(fuse_req_t req, const char *mount_path,
			 uint64_t wanted)
{
	auto_free char *above = folder_of(mount_path);
	struct fs *fs = ops_fs(req);
	struct node *folder;
	int err = above ? find_folder(fs, above, &folder) : -ENOMEM;

	if (err) {
		ops_reply_error(req, err == -ENOTDIR ? -ESTALE : err);
		return;
	}
	ops_look(req, folder, path_name(mount_path), wanted);
	nodes_unref(fs->nodes, folder);
}

static void look_above(fuse_req_t req, const char *mount_path)
{
	auto_free char *above = folder_of(mount_path);

	if (!above)
		ops_reply_error(req, -ENOMEM);
	else if (*above)
		look_by_path(req, above, 0);
	else
		ops_reply_node(req, ops_fs(req)->root);
}

void ops_look_by_number(fuse_req_t req, uint64_t number, const char *name)
{
	struct fs *fs = ops_fs(req);
	bool above = strcmp(name, "..") == 0;
	auto_free char *mount_path = NULL;
	struct node *node;

	node = above ? NULL : nodes_find_again(fs->nodes, number);
	if (node) {
		ops_reply_node(req, node);
		return;
	}
	mount_path = nodes_mount_path(fs->nodes, number);
	if (!mount_path)
		ops_reply_error(req, -ESTALE);
	else if (above)
		look_above(req, mount_path);
	else
		look_by_path(req, mount_path, number);
}
