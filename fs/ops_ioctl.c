/* ioctl(2) on files of .groovefs/: see control_call.h. */
#include "fs/ops.h"

#include <errno.h>
#include <string.h>

static bool is_control(const struct node *node)
{
	return node->kind == NODE_CONTROL || node->kind == NODE_EVENTS;
}

static void reply(fuse_req_t req, int err, const void *out, size_t size)
{
	if (err)
		ops_reply_error(req, err);
	else
		fuse_reply_ioctl(req, 0, out, size);
}

static void precache(fuse_req_t req, struct control_precache call)
{
	int err;

	call.qualities[sizeof(call.qualities) - 1] = '\0';
	call.path[sizeof(call.path) - 1] = '\0';
	err = tasks_precache(ops_fs(req)->tasks, &call);
	call.head.version = CONTROL_VERSION;
	reply(req, err, &call, sizeof(call));
}

static void look_at_task(fuse_req_t req, struct control_task call)
{
	int err = tasks_look(ops_fs(req)->tasks, &call);

	call.head.version = CONTROL_VERSION;
	reply(req, err, &call, sizeof(call));
}

static void cancel(fuse_req_t req, const struct control_cancel *call)
{
	reply(req, tasks_cancel(ops_fs(req)->tasks, call->task), NULL, 0);
}

static bool is_call(unsigned int command)
{
	return command == CONTROL_PRECACHE || command == CONTROL_TASK ||
	       command == CONTROL_CANCEL;
}

/* All calls begin with it. */
static bool is_too_new(const struct control_head *head)
{
	return head->needs > CONTROL_VERSION;
}

void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command, void *arg,
	      struct fuse_file_info *fi, unsigned flags, const void *in,
	      size_t in_size, size_t out_size)
{
	(void)arg, (void)fi, (void)flags, (void)out_size;
	if (!is_control(ops_node(req, ino)))
		ops_reply_error(req, -ENOTTY);
	else if (!ops_is_owner(req))
		ops_reply_error(req, -EPERM);
	else if (!is_call(command))
		ops_reply_error(req, -ENOTTY);
	else if (in_size != _IOC_SIZE(command))
		ops_reply_error(req, -EINVAL);
	else if (is_too_new(in))
		ops_reply_error(req, -EPROTONOSUPPORT);
	else if (command == CONTROL_PRECACHE)
		precache(req, *(const struct control_precache *)in);
	else if (command == CONTROL_TASK)
		look_at_task(req, *(const struct control_task *)in);
	else
		cancel(req, in);
}
