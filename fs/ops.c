/* The table of operations, and what they share. */
#include "fs/ops.h"

#include <errno.h>
#include <unistd.h>

enum { BACKGROUND_MAX = 256 };

struct fs *ops_fs(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

struct node *ops_node(fuse_req_t req, fuse_ino_t ino)
{
	if (ino == FUSE_ROOT_ID)
		return ops_fs(req)->root;
	return nodes_find(ops_fs(req)->nodes, ino);
}

static bool is_waiting(void *req)
{
	return !fuse_req_interrupted(req);
}

struct asker ops_asker(fuse_req_t req)
{
	return (struct asker){is_waiting, req};
}

bool ops_is_owner(fuse_req_t req)
{
	uid_t uid = fuse_req_ctx(req)->uid;

	return uid == 0 || uid == getuid();
}

void ops_reply_error(fuse_req_t req, int err)
{
	/* nobody waits for what was given up */
	fuse_reply_err(req, err == -ECANCELED ? EINTR : -err);
}

static void op_init(void *userdata, struct fuse_conn_info *connection)
{
	const struct fs *fs = userdata;
	unsigned wanted = FUSE_CAP_EXPORT_SUPPORT;

	/* without allow_other, everybody who gets in has our rights */
	if (fs->core.catalog.shared)
		wanted |= FUSE_CAP_POSIX_ACL;
	connection->want |= connection->capable & wanted;
	connection->max_read =
		fs->max_read; /* libfuse wants to be told twice */
	/* out of 12: otherwise that many readaheads of a source that hangs
	   would be the last ones that the kernel sends */
	connection->max_background = BACKGROUND_MAX;
}

const struct fuse_lowlevel_ops fs_operations = {
	.init = op_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.readlink = op_readlink,
	.statfs = op_statfs,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.releasedir = op_releasedir,
	.open = op_open,
	.read = op_read,
	.poll = op_poll,
	.ioctl = op_ioctl,
	.release = op_release,
	.getxattr = op_getxattr,
	.listxattr = op_listxattr,

	.setattr = op_setattr,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_remove,
	.rmdir = op_remove,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.write = op_write,
	.create = op_create,
	.setxattr = op_setxattr,
	.removexattr = op_removexattr,
	.fallocate = op_fallocate,
};
