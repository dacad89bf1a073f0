/*
 * Reports are datagrams, bytes go through shared memory: a segment of 200 kB
 * costs two dozen small packets and no copy through the kernel.
 *
 * A full ring is the one place where the worker waits in the middle of a task.
 * It asks for a wake-up (ring_wait_for_room) and then waits for TASK_ROOM; any
 * other packet means that the daemon broke the protocol. A ROOM that arrives
 * after the worker stopped waiting is ignored.
 */
#include "transcode/worker/link.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define ALIVE_NS 700000000
#define MAX_NOTES 8

union fd_control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * LINK_MAX_FDS)];
};

static int map_pool(struct link *link, int fd)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) != 0)
		return -errno;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	link->pool = map;
	link->pool_size = (uint64_t)st.st_size;
	return 0;
}

int link_init(struct link *link, int socket, int ring_fd, int pool_fd)
{
	int error;

	*link = (struct link){.socket = socket};
	error = ring_attach(ring_fd, &link->ring);
	return error ? error : map_pool(link, pool_fd);
}

void link_release(struct link *link)
{
	ring_destroy(link->ring);
	link->ring = NULL;
	if (link->pool)
		munmap(link->pool, (size_t)link->pool_size);
	link->pool = NULL;
}

static int report(struct link *link, struct report *report)
{
	report->serial = link->serial;
	for (;;) {
		if (send(link->socket, report, sizeof(*report), MSG_NOSIGNAL) >=
		    0)
			break;
		if (errno == EINTR)
			continue;
		return errno == EPIPE || errno == ECONNRESET ? -ENOTCONN
							     : -errno;
	}
	link->last_ns = clock_ns();
	return 0;
}

static int report_kind(struct link *link, enum report_kind kind)
{
	struct report packet = {.kind = kind};

	return report(link, &packet);
}

/* The daemon sends no more than LINK_MAX_FDS; the kernel drops the rest. */
static void take_fds(struct msghdr *message, int fds[static LINK_MAX_FDS])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t size;

	for (int i = 0; i < LINK_MAX_FDS; i++)
		fds[i] = -1;
	if (!header || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return;
	size = header->cmsg_len - CMSG_LEN(0);
	if (size > sizeof(int) * LINK_MAX_FDS)
		size = sizeof(int) * LINK_MAX_FDS;
	memcpy(fds, CMSG_DATA(header), size);
}

static int receive_packet(struct link *link, struct worker_task *task,
			  int fds[static LINK_MAX_FDS])
{
	union fd_control control;
	struct iovec part = {.iov_base = task, .iov_len = sizeof(*task)};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	do {
		n = recvmsg(link->socket, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 || errno == ECONNRESET ? -ENOTCONN : -errno;
	take_fds(&message, fds);
	return (size_t)n == sizeof(*task) ? 0 : -EPROTO;
}

int link_receive(struct link *link, struct worker_task *task,
		 int fds[static LINK_MAX_FDS])
{
	do {
		int error = receive_packet(link, task, fds);

		if (error)
			return error;
	} while (task->kind == TASK_ROOM || task->kind == TASK_ANSWER);
	link->serial = task->serial;
	link->bytes = 0;
	link->notes = 0;
	link->last_ns = clock_ns();
	return 0;
}

void link_alive(void *context)
{
	struct link *link = context;

	/* A daemon that is gone is noticed at the next report that matters. */
	if (clock_ns() - link->last_ns > ALIVE_NS)
		report_kind(link, REPORT_ALIVE);
}

static int wait_for_room(struct link *link)
{
	struct pollfd poll_fd = {.fd = link->socket, .events = POLLIN};
	int fds[LINK_MAX_FDS];
	struct worker_task task;
	int error;

	if (!ring_wait_for_room(link->ring))
		return 0;
	while (poll(&poll_fd, 1, ALIVE_NS / 1000000) == 0)
		link_alive(link);
	error = receive_packet(link, &task, fds);
	if (!error && task.kind != TASK_ROOM)
		error = -EPROTO;
	return error;
}

int link_write(struct link *link, const void *bytes, size_t size)
{
	const char *next = bytes;

	while (size > 0) {
		size_t n = ring_write(link->ring, next, size);
		int error = n > 0 ? report_kind(link, REPORT_BYTES)
				  : wait_for_room(link);

		if (error)
			return error;
		next += n;
		size -= n;
		link->bytes += n;
	}
	return 0;
}

static int report_text(struct link *link, struct report *packet,
		       const char *text)
{
	snprintf(packet->text, sizeof(packet->text), "%s", text);
	return report(link, packet);
}

int link_hello(struct link *link, const char *versions)
{
	struct report packet = {.kind = REPORT_HELLO,
				.protocol = WORKER_PROTOCOL};

	return report_text(link, &packet, versions);
}

int link_facts(struct link *link, const struct facts *facts)
{
	struct report packet = {.kind = REPORT_FACTS, .facts = *facts};

	return report(link, &packet);
}

int link_done(struct link *link)
{
	return report_kind(link, REPORT_DONE);
}

int link_failed(struct link *link, int error, const char *text)
{
	struct report packet = {.kind = REPORT_FAILED, .error = error};

	return report_text(link, &packet, text);
}

static int receive_answer(struct link *link, struct loan *loan)
{
	int fds[LINK_MAX_FDS];
	struct worker_task task;
	int error;

	do {
		error = receive_packet(link, &task, fds);
	} while (!error && task.kind == TASK_ROOM);
	if (!error && task.kind != TASK_ANSWER)
		error = -EPROTO;
	if (!error)
		*loan = task.loan;
	return error;
}

int link_want(void *context, struct loan *loan, uint8_t **bytes)
{
	struct link *link = context;
	struct report packet = {.kind = REPORT_WANT, .loan = *loan};
	size_t size = pcm_block_bytes(&loan->layout);
	int error = report(link, &packet);

	if (!error)
		error = receive_answer(link, loan);
	if (error)
		return error;
	*bytes = NULL;
	if (loan->state == LOAN_NONE)
		return 0;
	if (loan->offset > link->pool_size ||
	    size > link->pool_size - loan->offset)
		return -EPROTO;
	*bytes = link->pool + loan->offset;
	return 0;
}

int link_filled(void *link, const struct loan *loan)
{
	struct report packet = {.kind = REPORT_FILLED, .loan = *loan};

	return report(link, &packet);
}

int link_return(void *link, const struct loan *loan)
{
	struct report packet = {.kind = REPORT_RETURNED, .loan = *loan};

	return report(link, &packet);
}

int link_note(struct link *link, enum report_note note, const char *format, ...)
{
	struct report packet = {.kind = REPORT_NOTE, .note = note};
	va_list arguments;

	if (link->notes++ >= MAX_NOTES)
		return 0;
	va_start(arguments, format);
	vsnprintf(packet.text, sizeof(packet.text), format, arguments);
	va_end(arguments);
	return report(link, &packet);
}
