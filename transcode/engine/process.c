/*
 * Greeting a worker, passing packets, and its end. Whatever it sends is only
 * believed to be a packet when it has the length of one.
 */
#include "transcode/engine/process.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/spawn.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { FOREGROUND_NICE = 2 };

/* A killed process needs the processor to end, but only briefly. */
enum { END_MS = 5000, LAST_MS = 1000 };

/*
 * Reports on tasks before the last, while it works on that one; more are a
 * flood.
 */
enum { FOREIGN_MAX = 8 };

struct process {
	pid_t pid; /* 0 when reaped */
	int socket;
	struct ring *ring;
	uint32_t serial;
	unsigned tasks;
	unsigned foreign; /* reports on other tasks, since the last task */
	char versions[sizeof(((struct report *)0)->text)];
};

bool process_set_class(pid_t pid, enum process_class class)
{
	struct sched_param none = {0};

	if (class == PROCESS_BACKGROUND)
		return sched_setscheduler(pid, SCHED_IDLE, &none) == 0;
	return sched_setscheduler(pid, SCHED_OTHER, &none) == 0 &&
	       setpriority(PRIO_PROCESS, (id_t)pid, FOREGROUND_NICE) == 0;
}

static int open_channel(int program, int pool_fd, struct process *process)
{
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	process->socket = pair[0];
	err = ring_create("workers' output", WORKER_RING_SIZE, &process->ring);
	if (!err)
		err = spawn_worker(program, pair[1], ring_fd(process->ring),
				   pool_fd, &process->pid);
	close(pair[1]);
	return err;
}

int process_start(int program, int pool_fd, struct process **process)
{
	struct process *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->socket = -1;
	err = open_channel(program, pool_fd, p);
	if (err) {
		process_end(p);
		return err;
	}
	*process = p;
	return 0;
}

/* One of another version may have packets of another length. */
static bool speaks_our_language(int err, const struct report *hello)
{
	return !err && (hello->kind == REPORT_FAILED ||
			(hello->kind == REPORT_HELLO &&
			 hello->protocol == WORKER_PROTOCOL));
}

int process_greet(struct process *process, unsigned timeout)
{
	struct report report;
	int err = process_receive(process, timeout, &report);

	if (err && err != -EPROTO)
		return err;
	if (!speaks_our_language(err, &report)) {
		log_error("the worker program is not of this version of "
			  "groovefs: "
			  "install both from one package, then mount again");
		return -EPROTO;
	}
	if (report.kind == REPORT_FAILED) {
		log_error("a worker cannot start: %s", report.text);
		return -EPROTO;
	}
	memcpy(process->versions, report.text, sizeof(process->versions));
	count(workers_started);
	return 0;
}

void process_kill(pid_t pid)
{
	process_set_class(pid, PROCESS_FOREGROUND);
	kill(pid, SIGKILL);
}

bool process_ends(struct process *process, int ms)
{
	auto_fd int fd = -1;
	siginfo_t end = {0};
	int err;

	if (process->pid <= 0)
		return true;
	process_kill(process->pid);
	fd = pidfd_open(process->pid, 0);
	if (fd >= 0) {
		struct pollfd ended = {.fd = fd, .events = POLLIN};

		if (poll(&ended, 1, ms) == 0)
			return false;
	}
	do {
		err = waitid(P_PID, (id_t)process->pid, &end,
			     WEXITED | WNOWAIT | (fd >= 0 ? WNOHANG : 0));
	} while (err != 0 && errno == EINTR);
	return end.si_pid == process->pid;
}

void process_end(struct process *process)
{
	if (!process)
		return;
	if (process_ends(process, END_MS) && process->pid > 0)
		waitpid(process->pid, NULL, 0);
	if (process->socket >= 0)
		close(process->socket);
	ring_destroy(process->ring);
	free(process);
}

pid_t process_pid(const struct process *process)
{
	return process->pid;
}

struct ring *process_ring(const struct process *process)
{
	return process->ring;
}

const char *process_versions(const struct process *process)
{
	return process->versions;
}

unsigned process_tasks(const struct process *process)
{
	return process->tasks;
}

static void attach_fds(struct msghdr *message, const int *fds, size_t count)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(control), fds, count * sizeof(int));
	message->msg_controllen = CMSG_SPACE(count * sizeof(int));
}

static int send_packet(int socket, const struct worker_task *task,
		       const int *fds, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)task, sizeof(*task)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	assert(count <= 2);
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		attach_fds(&message, fds, count);
	}
	do {
		n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

int process_send(struct process *process, struct worker_task *task,
		 const int *fds, size_t count)
{
	int err;

	task->serial = ++process->serial;
	process->tasks++;
	process->foreign = 0;
	ring_drain(process->ring);
	/* an honest worker has taken all earlier ones, so there is room for
	   it */
	err = send_packet(process->socket, task, fds, count);
	return err == -EAGAIN ? -EPROTO : err;
}

void process_room(struct process *process)
{
	struct worker_task room = {.kind = TASK_ROOM,
				   .serial = process->serial};

	/* a worker that is gone is noticed at the next receive */
	send_packet(process->socket, &room, NULL, 0);
}

int process_answer(struct process *process, const struct loan *loan)
{
	struct worker_task answer = {
		.kind = TASK_ANSWER, .serial = process->serial, .loan = *loan};
	int err;

	/* an honest worker waits for its answer, so there is room for it */
	err = send_packet(process->socket, &answer, NULL, 0);
	return err == -EAGAIN ? -EPROTO : err;
}

static int wait_readable(int socket, unsigned timeout)
{
	struct pollfd poll_for = {.fd = socket, .events = POLLIN};
	int n;

	do {
		n = poll(&poll_for, 1, (int)timeout * 1000);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static int receive_any(struct process *process, unsigned timeout,
		       struct report *report)
{
	int err = wait_readable(process->socket, timeout);
	ssize_t n;

	if (err)
		return err;
	n = recv(process->socket, report, sizeof(*report), 0);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return -EPIPE;
	if (n < 0)
		return -errno;
	return n == sizeof(*report) ? 0 : -EPROTO;
}

int process_receive(struct process *process, unsigned timeout,
		    struct report *report)
{
	int err = receive_any(process, timeout, report);

	while (!err && report->serial != process->serial)
		err = ++process->foreign > FOREIGN_MAX
			      ? -EPROTO
			      : receive_any(process, timeout, report);
	if (err)
		return err;
	report->text[sizeof(report->text) - 1] = '\0';
	report->facts.codec[sizeof(report->facts.codec) - 1] = '\0';
	report->facts.reason[sizeof(report->facts.reason) - 1] = '\0';
	report->facts.genre[sizeof(report->facts.genre) - 1] = '\0';
	return 0;
}

/*
 * It stays a zombie until process_end(), so that nobody else gets its pid. Its
 * socket closes a moment before it is dead; a worker that lives on has closed
 * the connection itself.
 */
bool process_last_words(struct process *process, char *text, size_t size)
{
	auto_fd int fd = pidfd_open(process->pid, 0);
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	bool hung_up = fd >= 0 && poll(&ended, 1, LAST_MS) == 0;
	siginfo_t end = {0};

	if (!process_ends(process, END_MS)) {
		snprintf(text, size, "hangs and cannot be killed");
		return true;
	}
	if (hung_up) {
		snprintf(text, size, "closed its connection");
		return false;
	}
	while (waitid(P_PID, (id_t)process->pid, &end, WEXITED | WNOWAIT) < 0 &&
	       errno == EINTR)
		;
	if (end.si_code == CLD_EXITED)
		snprintf(text, size, "ended with status %d", end.si_status);
	else
		snprintf(text, size, "died of signal %d (%s)", end.si_status,
			 strsignal(end.si_status));
	return end.si_code != CLD_EXITED &&
	       (end.si_status == SIGKILL || end.si_status == SIGTERM ||
		end.si_status == SIGINT || end.si_status == SIGHUP);
}
