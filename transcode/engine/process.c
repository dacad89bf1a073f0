/*
 * Starting a worker and passing packets.
 *
 * posix_spawn(3) and not fork(2): the daemon has many threads. Everything the
 * daemon opens is close-on-exec; the descriptors that the worker may keep
 * are put in their places by the spawn itself. They are first moved well above
 * those places, so that neither overwrites the other.
 */
#include "transcode/engine/process.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { FOREGROUND_NICE = 2, FIRST_HIGH_FD = 16 };

/* A killed process needs the processor to end, but no more than a little. */
enum { END_MS = 5000, LAST_MS = 1000 };

/* Reports on another task than the last, while it is at it; more are a flood.
 */
enum { FOREIGN_MAX = 8 };

/* A worker has nothing to say there, but a sanitizer has. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool keep_stderr = true;
#elif defined(__has_feature)
static const bool keep_stderr =
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
static const bool keep_stderr = false;
#endif

struct process {
	pid_t pid; /* 0 when reaped */
	int socket;
	struct ring *ring;
	uint32_t serial;
	unsigned tasks;
	unsigned foreign; /* reports on others, since the last task */
	char versions[sizeof(((struct report *)0)->text)];
};

/* What the worker sees of our environment: sanitizers' options only. */
static void worker_environment(char *kept[static 5])
{
	static const char *const names[] = {
		"LC_ALL=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
	unsigned n = 0;

	for (char **e = environ; *e; e++) {
		for (unsigned i = 0; i < 4 && n < 4; i++) {
			if (strncmp(*e, names[i], strlen(names[i])) == 0)
				kept[n++] = *e;
		}
	}
	kept[n] = NULL;
}

static int spawn_with(const char *path, const int fds[static 3],
		      posix_spawn_file_actions_t *actions,
		      posix_spawnattr_t *attributes, pid_t *pid)
{
	char *argv[] = {(char *)path, NULL};
	char *environment[5];
	sigset_t none;

	worker_environment(environment);
	sigemptyset(&none);
	/* a Ctrl-C on the terminal is for the daemon, not for its workers */
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(actions, 0, 1);
	if (!keep_stderr)
		posix_spawn_file_actions_adddup2(actions, 0, 2);
	posix_spawn_file_actions_adddup2(actions, fds[0], WORKER_SOCKET_FD);
	posix_spawn_file_actions_adddup2(actions, fds[1], WORKER_RING_FD);
	posix_spawn_file_actions_adddup2(actions, fds[2], WORKER_POOL_FD);
	return -posix_spawn(pid, path, actions, attributes, argv, environment);
}

static int spawn(const char *path, int socket, int ring, int pool, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	auto_fd int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	auto_fd int high_ring = fcntl(ring, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	auto_fd int high_pool = fcntl(pool, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	const int fds[] = {high_socket, high_ring, high_pool};
	int err;

	if (high_socket < 0 || high_ring < 0 || high_pool < 0)
		return -errno;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	err = spawn_with(path, fds, &actions, &attributes, pid);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

bool process_set_class(pid_t pid, enum process_class class)
{
	struct sched_param none = {0};

	if (class == PROCESS_BACKGROUND)
		return sched_setscheduler(pid, SCHED_IDLE, &none) == 0;
	return sched_setscheduler(pid, SCHED_OTHER, &none) == 0 &&
	       setpriority(PRIO_PROCESS, (id_t)pid, FOREGROUND_NICE) == 0;
}

static int open_channel(const char *path, int pool_fd, struct process *process)
{
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	process->socket = pair[0];
	err = ring_create("workers' output", WORKER_RING_SIZE, &process->ring);
	if (!err)
		err = spawn(path, pair[1], ring_fd(process->ring), pool_fd,
			    &process->pid);
	close(pair[1]);
	return err;
}

int process_start(const char *path, int pool_fd, struct process **process)
{
	struct process *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->socket = -1;
	err = open_channel(path, pool_fd, p);
	if (err) {
		process_end(p);
		return err;
	}
	*process = p;
	return 0;
}

int process_greet(struct process *process, unsigned timeout)
{
	struct report report;
	int err = process_receive(process, timeout, &report);

	if (err)
		return err;
	if (report.kind == REPORT_FAILED)
		log_error("a worker cannot set itself up: %s", report.text);
	if (report.kind != REPORT_HELLO)
		return -EPROTO;
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
	/* an honest worker has taken all before, so there is room for it */
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
 * socket is closed a moment before it is dead; one that lives on hung up.
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
		snprintf(text, size, "hung up");
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
