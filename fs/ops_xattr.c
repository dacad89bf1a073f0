/* Extended attributes: what they say is in xattr.c. */
#include "fs/ops.h"

#include "base/counters.h"
#include "fs/xattr.h"

#include <errno.h>

/* A caller that gives no room asks how much there would have to be. */
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

void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	char text[XATTR_MAX];

	count(attributes);
	reply(req, text,
	      xattr_value(ops_fs(req), ops_node(req, ino), name, text), size);
}

void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	char text[XATTR_MAX];

	reply(req, text, xattr_names(ops_fs(req), ops_node(req, ino), text),
	      size);
}
