/*
 * Everything that would write. The mount is read-only, so the kernel refuses
 * these by itself; but root can remount it, and then we refuse.
 */
#include "fs/ops.h"

#include <errno.h>

static void refuse_write(fuse_req_t req)
{
	fuse_reply_err(req, EROFS);
}

void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attributes,
		int which, struct fuse_file_info *fi)
{
	(void)ino, (void)attributes, (void)which, (void)fi;
	refuse_write(req);
}

void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	      dev_t device)
{
	(void)parent, (void)name, (void)mode, (void)device;
	refuse_write(req);
}

void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent, (void)name, (void)mode;
	refuse_write(req);
}

void op_remove(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent, (void)name;
	refuse_write(req);
}

void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
		const char *name)
{
	(void)target, (void)parent, (void)name;
	refuse_write(req);
}

void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	       fuse_ino_t new_parent, const char *new_name, unsigned int flags)
{
	(void)parent, (void)name, (void)new_parent, (void)new_name, (void)flags;
	refuse_write(req);
}

void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
	     const char *name)
{
	(void)ino, (void)parent, (void)name;
	refuse_write(req);
}

void op_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size,
	      off_t offset, struct fuse_file_info *fi)
{
	(void)ino, (void)bytes, (void)size, (void)offset, (void)fi;
	refuse_write(req);
}

void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	       struct fuse_file_info *fi)
{
	(void)parent, (void)name, (void)mode, (void)fi;
	refuse_write(req);
}

void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
		 const char *value, size_t size, int flags)
{
	(void)ino, (void)name, (void)value, (void)size, (void)flags;
	refuse_write(req);
}

void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino, (void)name;
	refuse_write(req);
}

void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset,
		  off_t length, struct fuse_file_info *fi)
{
	(void)ino, (void)mode, (void)offset, (void)length, (void)fi;
	refuse_write(req);
}
