/* Attributes: owners and modes, from the source or from options, and statfs. */
#include "fs/ops.h"

#include "base/errors.h"
#include "cache/cache.h"
#include "fs/told.h"

#include <errno.h>

/* As for FAT and NTFS: a mask holds the bits to clear. */
static int mask_of(const struct fs_rights *rights, mode_t mode)
{
	int mask = S_ISDIR(mode) ? rights->dmask : rights->fmask;

	return mask == FS_AS_SOURCE ? rights->umask : mask;
}

void ops_show(const struct fs *fs, struct stat *attributes)
{
	const struct fs_rights *rights = &fs->rights;
	int mask = mask_of(rights, attributes->st_mode);

	if (rights->uid != FS_AS_SOURCE)
		attributes->st_uid = (uid_t)rights->uid;
	if (rights->gid != FS_AS_SOURCE)
		attributes->st_gid = (gid_t)rights->gid;
	if (mask != FS_AS_SOURCE && !S_ISLNK(attributes->st_mode))
		attributes->st_mode =
			(attributes->st_mode & S_IFMT) | (0777 & ~(mode_t)mask);
}

/*
 * A file's node is one version, so its attributes never change. A folder's do,
 * so it is looked at again; the time of change tells the kernel whether its
 * copy of the listing is still valid.
 */
int ops_attributes(struct fs *fs, struct node *node, struct stat *attributes)
{
	struct stat now;
	int err;

	*attributes = node->attributes;
	if (node->kind != NODE_FOLDER)
		return 0;
	err = library_stat(fs->core.catalog.library, node->path, &now);
	if (err)
		return stale_if_gone(err);
	attributes->st_mode = node_mode(now.st_mode);
	attributes->st_nlink = now.st_nlink;
	attributes->st_uid = now.st_uid;
	attributes->st_gid = now.st_gid;
	attributes->st_mtim = now.st_mtim;
	attributes->st_ctim = now.st_ctim;
	attributes->st_size = now.st_size;
	told_note(node, &now);
	return 0;
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct stat attributes;
	int err = ops_attributes(fs, ops_node(req, ino), &attributes);

	(void)fi;
	if (err) {
		ops_reply_error(req, err);
		return;
	}
	ops_show(fs, &attributes);
	fuse_reply_attr(req, &attributes, fs->timeout);
}

/*
 * Reports the library's disk, for every folder in it: whoever asks how full it
 * is wants to know about that one. In .groovefs/ it is the cache's disk, which
 * is what grows here.
 */
void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct node *node = ops_node(req, ino);
	struct fs *fs = ops_fs(req);
	bool control = node->kind == NODE_CONTROL_FOLDER ||
		       node->kind == NODE_CONTROL || node->kind == NODE_EVENTS;
	struct statvfs st;
	int err = control ? store_statvfs(fs->core.backend.store, &st)
			  : library_statvfs(fs->core.catalog.library, &st);

	if (err)
		ops_reply_error(req, err);
	else
		fuse_reply_statfs(req, &st);
}
