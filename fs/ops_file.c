/*
 * Reading files.
 *
 * A track that is completely cached is read through the page cache, which the
 * kernel keeps from one open to the next. Any other track is opened for direct
 * I/O: then only the bytes that somebody asks for are rendered, and not what
 * the kernel would read ahead, so that a tag scanner costs next to nothing. As
 * it is read through, it is stored into the page cache (page_cache.c). Sidecars
 * are read in the same two ways. Decoded audio is cheap to make and always goes
 * through the page cache, so that it can be mapped.
 *
 * A read that waits for a worker is parked. If its asker is interrupted
 * meanwhile (Ctrl-C, kill), it is answered at once, and the bytes, when they
 * come, serve the next reader.
 */
#include "fs/ops.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "fs/album_text.h"
#include "fs/control.h"
#include "fs/handle.h"
#include "fs/page_cache.h"
#include "fs/prefetch.h"
#include "fs/sidecar.h"
#include "fs/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct parked {
	fuse_req_t req;
	atomic_bool answered; /* whoever sets it replies */
};

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

/* And for good: what is silent because of damage may be better next time. */
static bool is_final(struct rendition *rendition)
{
	return rendition_complete(rendition) &&
	       !rendition_is_for_now(rendition);
}

static bool reads_through_page_cache(const struct handle *handle)
{
	switch (handle->node->kind) {
	case NODE_TRACK:
		return handle->node->view->kind == VIEW_DECODED ||
		       is_final(handle->rendition);
	case NODE_SIDECAR:
		return !handle->rendition || is_final(handle->rendition);
	case NODE_ALBUM: /* any of its tracks may have to be analyzed first */
	case NODE_CONTROL:
	case NODE_EVENTS: /* they change with every look */
		return false;
	default:
		return true;
	}
}

void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct handle *handle;
	int err = -EROFS;

	count(opens);
	if ((fi->flags & O_ACCMODE) == O_RDONLY)
		err = told_check(fs, ops_node(req, ino));
	if (!err)
		err = handle_open(fs, ops_node(req, ino), ops_is_owner(req),
				  &handle);
	if (err) {
		if (err == -ESTALE)
			count(stale);
		ops_reply_error(req, err);
		return;
	}
	fi->fh = (uint64_t)(uintptr_t)handle;
	handle->direct = !reads_through_page_cache(handle);
	fi->direct_io = handle->direct;
	fi->nonseekable = handle->node->kind == NODE_EVENTS;
	fi->keep_cache = !handle->direct;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_close(fs, handle);
}

void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);

	(void)ino;
	fuse_reply_err(req, 0);
	page_cache_keep(fs, handle_of(fi));
	handle_close(fs, handle_of(fi));
}

/*
 * An interrupt that came before a read is parked calls back at once, on the
 * thread that parks it and in the middle of libfuse's work on the request: so
 * it is only noted.
 */
static __thread bool parking;
static __thread bool too_early;

static void interrupted(fuse_req_t req, void *arg)
{
	struct parked *parked = arg;

	if (parking) {
		too_early = true;
		return;
	}

	/* `parked` is not touched after this: see answer_read() */
	if (!atomic_exchange(&parked->answered, true))
		fuse_reply_err(req, EINTR);
}

/*
 * If the interrupt came first, it owns the request. Otherwise it is first kept
 * from coming, which waits for one that is just under way.
 */
static void answer_read(void *arg, int err, const void *bytes, size_t size)
{
	struct parked *parked = arg;
	fuse_req_t req = parked->req;

	if (!atomic_exchange(&parked->answered, true)) {
		fuse_req_interrupt_func(req, NULL, NULL);
		if (err) {
			count(reads_failed);
			ops_reply_error(req, err);
		} else {
			count_n(read_bytes, size);
			fuse_reply_buf(req, bytes, size);
		}
	}
	free(parked);
}

/* False if it has been interrupted already. */
static bool can_be_interrupted(fuse_req_t req, struct parked *parked)
{
	parking = true;
	too_early = false;
	fuse_req_interrupt_func(req, interrupted, parked);
	parking = false;
	return !too_early;
}

static bool still_waits(void *arg)
{
	struct parked *parked = arg;

	return !atomic_load(&parked->answered);
}

static void start_read(struct fs *fs, struct node *node,
		       struct rendition *rendition, uint64_t offset,
		       size_t size, struct parked *parked)
{
	const struct asker asker = {still_waits, parked};

	if (node->kind == NODE_SIDECAR)
		sidecar_read(fs, node, rendition, offset, size, &asker,
			     answer_read, parked);
	else if (node->kind == NODE_ALBUM)
		album_read(fs, node, offset, size, &asker, answer_read, parked);
	else
		rendition_read(rendition, offset, size, &asker, answer_read,
			       parked);
}

/*
 * From the moment an interrupt may come, `parked` and the request are no longer
 * ours; the handle is closed only when this thread is done with it (see
 * flights.h). Pages are stored after the reply: this may be a read for a page,
 * which is locked until then.
 */
static void read_made(fuse_req_t req, struct handle *handle, uint64_t offset,
		      size_t size)
{
	struct parked *parked = malloc(sizeof(*parked));
	struct rendition *rendition = NULL;
	struct node *node = handle->node;
	struct fs *fs = ops_fs(req);

	if (!parked) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	parked->req = req;
	atomic_init(&parked->answered, false);
	nodes_ref(fs->nodes, node);
	if (handle->rendition)
		rendition = rendition_ref(handle->rendition);
	if (node->kind == NODE_TRACK)
		handle_follow(fs, handle, offset, size);
	else if (node->kind == NODE_SIDECAR)
		prefetch_in_order(fs, node);
	if (can_be_interrupted(req, parked))
		start_read(fs, node, rendition, offset, size, parked);
	else
		answer_read(parked, -EINTR, NULL, 0);
	if (node->kind == NODE_TRACK)
		page_cache_follow(fs, handle);
	rendition_unref(rendition);
	nodes_unref(fs->nodes, node);
}

/*
 * A short answer means the end of the file to the kernel, but a disk that
 * fails gives what it could read first. A signal interrupts.
 */
static ssize_t read_to_the_end(int fd, char *bytes, size_t size, off_t offset)
{
	size_t done = 0;
	ssize_t n = 1;

	while (n > 0 && done < size) {
		n = pread(fd, bytes + done, size - done, offset + (off_t)done);
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Checks the version after the bytes were read: never a mixture. */
static void read_file(fuse_req_t req, const struct handle *handle, off_t offset,
		      size_t size)
{
	auto_free char *bytes = malloc(size);
	ssize_t n;

	if (!bytes) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	n = read_to_the_end(handle->fd, bytes, size, offset);
	if (n < 0) {
		ops_reply_error(req, (int)n);
	} else if (!handle_current(handle)) {
		count(stale);
		ops_reply_error(req, -ESTALE);
	} else {
		fuse_reply_buf(req, bytes, (size_t)n);
	}
}

/* From a copy: once the reply is written, the handle may be closed. */
static void read_text(fuse_req_t req, const struct handle *handle,
		      uint64_t offset, size_t size)
{
	const char *text =
		handle->content ? handle->content : handle->node->text;
	uint64_t file_size = (uint64_t)handle->node->attributes.st_size;
	uint64_t left = offset < file_size ? file_size - offset : 0;
	size_t n = size < left ? size : (size_t)left;
	auto_free char *bytes = malloc(n ? n : 1);

	if (!bytes) {
		ops_reply_error(req, -ENOMEM);
		return;
	}
	memcpy(bytes, text + (left ? offset : 0), n);
	fuse_reply_buf(req, bytes, n);
}

void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	     struct fuse_file_info *fi)
{
	struct handle *handle = handle_of(fi);

	(void)ino;
	count(reads);
	switch (handle->node->kind) {
	case NODE_TRACK:
	case NODE_SIDECAR:
	case NODE_ALBUM:
		read_made(req, handle, (uint64_t)offset, size);
		break;
	case NODE_FILE:
		read_file(req, handle, offset, size);
		break;
	case NODE_EVENTS:
		ops_read_events(req, handle->reader, size, fi);
		break;
	default:
		read_text(req, handle, (uint64_t)offset, size);
	}
}
