/*
 * Small and blocking: a test has nothing else to do. The ring is emptied on
 * each report, and the worker told of the room whenever it asked.
 */
#include "tests/unit/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void need(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	abort();
}

static void spawn(struct peer *peer, const char *path, int socket)
{
	char *argv[] = {(char *)path, NULL};
	int ring = fcntl(ring_fd(peer->ring), F_DUPFD_CLOEXEC, 20);
	int pool = fcntl(peer->pool, F_DUPFD_CLOEXEC, 20);
	posix_spawn_file_actions_t actions;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, WORKER_SOCKET_FD);
	posix_spawn_file_actions_adddup2(&actions, ring, WORKER_RING_FD);
	posix_spawn_file_actions_adddup2(&actions, pool, WORKER_POOL_FD);
	need(posix_spawn(&peer->pid, path, &actions, NULL, argv, environ) == 0,
	     path);
	posix_spawn_file_actions_destroy(&actions);
	close(ring);
	close(pool);
}

static void make_pool(struct peer *peer)
{
	peer->pool = memfd_create("pool", MFD_CLOEXEC);
	need(peer->pool >= 0 && ftruncate(peer->pool, PEER_POOL) == 0, "pool");
	peer->lent =
		mmap(NULL, PEER_POOL, PROT_READ, MAP_SHARED, peer->pool, 0);
	need(peer->lent != MAP_FAILED, "pool");
}

void peer_start(struct peer *peer, const char *path)
{
	int pair[2], high;
	struct ring *ring;

	memset(peer, 0, sizeof(*peer));
	need(ring_create("peer", WORKER_RING_SIZE, &ring) == 0, "ring");
	peer->ring = ring;
	make_pool(peer);
	need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
	     "socketpair");
	high = fcntl(pair[1], F_DUPFD_CLOEXEC, 20);
	peer->socket = fcntl(pair[0], F_DUPFD_CLOEXEC, 20);
	close(pair[0]);
	close(pair[1]);
	spawn(peer, path, high);
	close(high);
	need(recv(peer->socket, &peer->hello, sizeof(peer->hello), 0) ==
		     sizeof(peer->hello),
	     "hello");
}

int peer_stop(struct peer *peer)
{
	int status = 0;

	close(peer->socket);
	waitpid(peer->pid, &status, 0);
	ring_destroy(peer->ring);
	munmap(peer->lent, PEER_POOL);
	close(peer->pool);
	free(peer->bytes);
	return status;
}

static void send_task(struct peer *peer, const struct worker_task *task,
		      const int *fds, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)task, sizeof(*task)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	need(sendmsg(peer->socket, &message, MSG_NOSIGNAL) ==
		     sizeof(struct worker_task),
	     "send task");
}

static void empty_ring(struct peer *peer)
{
	struct worker_task room = {.kind = TASK_ROOM};
	char bytes[4096];
	ssize_t n;

	while ((n = ring_read(peer->ring, bytes, sizeof(bytes))) > 0) {
		peer->bytes = realloc(peer->bytes, peer->size + (size_t)n);
		need(peer->bytes != NULL, "memory");
		memcpy(peer->bytes + peer->size, bytes, (size_t)n);
		peer->size += (size_t)n;
	}
	need(n == 0, "ring");
	if (ring_somebody_waits(peer->ring))
		send_task(peer, &room, NULL, 0);
}

static void lend(struct peer *peer, const struct loan *wish)
{
	struct worker_task answer = {.kind = TASK_ANSWER, .loan = *wish};
	size_t size = (pcm_block_bytes(&wish->layout) + 4095) / 4096 * 4096;

	peer->wanted++;
	answer.loan.offset = NO_OFFSET;
	if (peer->lends) {
		need(peer->taken + size <= PEER_POOL, "room in the pool");
		answer.loan.state = LOAN_FILL;
		answer.loan.offset = peer->taken;
		peer->taken += size;
	}
	send_task(peer, &answer, NULL, 0);
}

static void take_report(struct peer *peer, const struct report *report)
{
	if (report->kind == REPORT_WANT)
		lend(peer, &report->loan);
	if (report->kind == REPORT_FILLED) {
		peer->filled = report->loan;
		peer->decoded += report->loan.decoded;
	}
	if (report->kind == REPORT_FACTS)
		peer->facts = report->facts;
	if (report->kind != REPORT_NOTE || report->note > NOTE_RESTART)
		return;
	peer->notes[report->note]++;
	if (report->text[0])
		memcpy(peer->note, report->text, sizeof(peer->note));
}

static void collect(struct peer *peer)
{
	struct report report;

	do {
		ssize_t n = recv(peer->socket, &report, sizeof(report), 0);

		if (n == 0) { /* the worker died */
			peer->last = (struct report){.kind = REPORT_FAILED,
						     .error = -EPIPE};
			return;
		}
		need(n == sizeof(report), "report");
		need(report.serial == peer->serial, "serial");
		take_report(peer, &report);
		empty_ring(peer);
	} while (report.kind != REPORT_DONE && report.kind != REPORT_FAILED);
	peer->last = report;
}

void peer_run(struct peer *peer, struct worker_task *task, const char *source,
	      const char *cover)
{
	struct stat st;
	int fds[2];

	fds[0] = open(source, O_RDONLY | O_CLOEXEC);
	need(fds[0] >= 0 && fstat(fds[0], &st) == 0, source);
	task->source = file_id_of(&st);
	task->serial = ++peer->serial;
	if (cover) {
		fds[1] = open(cover, O_RDONLY | O_CLOEXEC);
		need(fds[1] >= 0, cover);
	}
	free(peer->bytes);
	peer->bytes = NULL;
	peer->size = 0;
	memset(peer->notes, 0, sizeof(peer->notes));
	memset(peer->note, 0, sizeof(peer->note));
	memset(&peer->facts, 0, sizeof(peer->facts));
	send_task(peer, task, fds, cover ? 2 : 1);
	close(fds[0]);
	if (cover)
		close(fds[1]);
	collect(peer);
}

int peer_probe(struct peer *peer, const char *source)
{
	struct worker_task task = {.kind = TASK_PROBE};

	peer_run(peer, &task, source, NULL);
	return peer->last.kind == REPORT_DONE;
}

static int run(struct peer *peer, enum task_kind kind, const char *source,
	       const struct profile *profile, const struct shape *shape,
	       uint32_t index)
{
	struct worker_task task = {.kind = kind,
				   .profile = *profile,
				   .shape = *shape,
				   .segment = index};

	peer_run(peer, &task, source, NULL);
	return peer->last.kind == REPORT_DONE;
}

int peer_block(struct peer *peer, const char *source,
	       const struct profile *profile, const struct shape *shape,
	       uint32_t index)
{
	return run(peer, TASK_BLOCK, source, profile, shape, index);
}

int peer_segment(struct peer *peer, const char *source,
		 const struct profile *profile, const struct shape *shape,
		 uint32_t index)
{
	return run(peer, TASK_SEGMENT, source, profile, shape, index);
}
