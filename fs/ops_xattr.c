/* Extended attributes; their contents are in xattr.c. */
#include "fs/ops.h"

#include "base/counters.h"
#include "fs/xattr.h"

#include <errno.h>
#include <string.h>

/* A caller that gives no room asks how much it needs. */
static void reply(fuse_req_t req, const char *text, int length, size_t room)
{
	if (length < 0)
		ops_reply_error(req, length);
	else if (room == 0)
		fuse_reply_xattr(req, (size_t)length);
	else if (room < (size_t)length)
		ops_reply_error(req, -ERANGE);
	else
		fuse_reply_buf(req, text, (size_t)length);
}

static bool is_acl(const char *name)
{
	return strcmp(name, ACCESS_ACL) == 0 ||
	       strcmp(name, ACCESS_DEFAULT_ACL) == 0;
}

/* The kernel checks with the source's attributes, and asks only for that. */
static void get_acl(fuse_req_t req, fuse_ino_t ino, const char *name,
		    size_t size)
{
	const struct node *node = ops_node(req, ino);
	struct fs *fs = ops_fs(req);
	char acl[4096];
	ssize_t n = -EOPNOTSUPP;

	if (fs->core.catalog.shared)
		n = -ENODATA;
	if (fs->core.catalog.shared && node->path && node->kind != NODE_LINK &&
	    node->kind != NODE_ALBUM)
		n = access_acl(fs->core.catalog.library, node->path, name, acl,
			       sizeof(acl));
	/* EOPNOTSUPP would be taken to apply to the whole file system */
	if (n == -EOPNOTSUPP && fs->core.catalog.shared)
		n = -ENODATA;
	reply(req, acl, (int)n, size);
}

void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	char text[XATTR_MAX];

	count(attributes);
	if (is_acl(name)) {
		get_acl(req, ino, name, size);
		return;
	}
	reply(req, text,
	      xattr_value(ops_fs(req), ops_node(req, ino), name, text), size);
}

void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	char text[XATTR_MAX];

	reply(req, text, xattr_names(ops_fs(req), ops_node(req, ino), text),
	      size);
}
