/*
 * Reading and polling the stream of events. A read that finds nothing is parked
 * without its thread: the events' thread or its interrupt answers it. Whoever
 * takes the wait out of the events, by waking it or by canceling it, answers;
 * the other one does nothing.
 */
#include "fs/ops.h"

#include "base/counters.h"
#include "fs/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

struct stream_read {
	struct events_wait wait;
	struct events_reader *reader;
	fuse_req_t req;
	size_t size;
};

struct stream_poll {
	struct events_wait wait;
	struct fuse_pollhandle *handle;
};

static void reply(fuse_req_t req, const void *bytes, ssize_t n)
{
	if (n < 0) {
		ops_reply_error(req, (int)n);
		return;
	}
	count_n(read_bytes, (uint64_t)n);
	fuse_reply_buf(req, bytes, (size_t)n);
}

/* Answers the read, or parks it; then it is no longer the caller's. */
static void answer_stream_read(struct stream_read *read)
{
	char bytes[EVENTS_READ_MAX];
	ssize_t n = events_read(read->reader, &read->wait, bytes, read->size);

	if (n == -EINPROGRESS)
		return;
	/* from here on no interrupt touches it */
	fuse_req_interrupt_func(read->req, NULL, NULL);
	reply(read->req, bytes, n);
	free(read);
}

static void wake_read(struct events_wait *wait)
{
	answer_stream_read((struct stream_read *)wait);
}

/*
 * An interrupt that comes before the read is parked keeps it from being parked.
 */
static void interrupted(fuse_req_t req, void *arg)
{
	struct stream_read *read = arg;

	if (!events_cancel(read->reader, &read->wait))
		return;
	fuse_reply_err(req, EINTR);
	free(read);
}

static void read_now(fuse_req_t req, struct events_reader *reader, size_t size)
{
	char bytes[EVENTS_READ_MAX];

	reply(req, bytes, events_read(reader, NULL, bytes, size));
}

void ops_read_events(fuse_req_t req, struct events_reader *reader, size_t size,
		     const struct fuse_file_info *fi)
{
	struct stream_read *read;

	if (fi->flags & O_NONBLOCK) {
		read_now(req, reader, size);
		return;
	}
	read = calloc(1, sizeof(*read));
	if (!read) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	read->wait.wake = wake_read;
	read->reader = reader;
	read->req = req;
	read->size = size;
	fuse_req_interrupt_func(req, interrupted, read);
	answer_stream_read(read);
}

static void wake_poll(struct events_wait *wait)
{
	struct stream_poll *poll = (struct stream_poll *)wait;

	fuse_lowlevel_notify_poll(poll->handle);
	fuse_pollhandle_destroy(poll->handle);
	free(poll);
}

/*
 * The kernel's poll handle belongs to the open file: parking one serves all who
 * poll it.
 */
static bool poll_events(struct events_reader *reader,
			struct fuse_pollhandle *handle)
{
	struct stream_poll *poll = handle ? calloc(1, sizeof(*poll)) : NULL;
	bool parked, ready;

	if (poll) {
		poll->wait.wake = wake_poll;
		poll->handle = handle;
	}
	ready = events_poll(reader, poll ? &poll->wait : NULL, &parked);
	if (!parked) {
		free(poll);
		if (handle)
			fuse_pollhandle_destroy(handle);
	}
	return ready;
}

/* Every other file is always readable. */
void op_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	     struct fuse_pollhandle *handle)
{
	struct handle *file = (struct handle *)(uintptr_t)fi->fh;
	unsigned ready = POLLIN | POLLRDNORM;

	if (ops_node(req, ino)->kind != NODE_EVENTS) {
		if (handle)
			fuse_pollhandle_destroy(handle);
		ready |= POLLOUT | POLLWRNORM;
	} else if (!poll_events(file->reader, handle)) {
		ready = 0;
	} else if (events_ended(file->reader)) {
		ready |= POLLHUP;
	}
	fuse_reply_poll(req, ready);
}
