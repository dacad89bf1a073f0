/*
 * libfuse 3.14 has a flag for concurrent lookups and listings of one folder
 * (FUSE_CAP_PARALLEL_DIROPS), but does not pass it to the kernel: while the
 * lookup of one file waits for its probe, the kernel would ask nothing else
 * about its folder. So we add the flag to the reply to INIT as it goes out.
 * With a libfuse that passes it on this changes nothing.
 */
#include "fs/handshake.h"

#include "base/log.h"
#include "fs/ops.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WANTED = FUSE_PARALLEL_DIROPS };

/* The INIT that this thread is working on. */
static __thread uint32_t offered;

static void accept_offer(const struct iovec *iov, int count)
{
	const struct fuse_out_header *header = iov[0].iov_base;
	struct fuse_init_out *out;

	if (count < 2 || header->error || iov[1].iov_len < sizeof(*out))
		return;
	out = iov[1].iov_base;
	out->flags |= offered & WANTED;
}

static ssize_t send_reply(int fd, struct iovec *iov, int count, void *userdata)
{
	(void)userdata;
	if (offered)
		accept_offer(iov, count);
	return writev(fd, iov, count);
}

static ssize_t take_request(int fd, void *bytes, size_t size, void *userdata)
{
	(void)userdata;
	return read(fd, bytes, size);
}

static const struct fuse_custom_io device = {
	.writev = send_reply,
	.read = take_request,
};

static void answer(struct fuse_session *session, const struct fuse_buf *buffer)
{
	const struct fuse_in_header *header = buffer->mem;
	const struct fuse_init_in *in = (const void *)(header + 1);

	if (header->opcode == FUSE_INIT)
		offered = in->flags;
	fuse_session_process_buf(session, buffer);
	offered = 0;
}

int handshake(struct fuse_session *session)
{
	struct fuse_buf buffer = {0};
	int n = fuse_session_custom_io(session, &device,
				       fuse_session_fd(session));

	if (n != 0) {
		log_error("cannot mount: %s", strerror(-n));
		return n;
	}
	do {
		n = fuse_session_receive_buf(session, &buffer);
	} while (n == -EINTR);
	if (n > 0)
		answer(session, &buffer);
	free(buffer.mem);
	/* libfuse ends the session if it does not agree, and says why */
	if (n > 0)
		return fuse_session_exited(session) ? -EPROTO : 0;
	log_error("cannot mount: it was unmounted at once");
	return n < 0 ? n : -ENODEV;
}
