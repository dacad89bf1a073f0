/*
 * The daemon is a child that tells its parent through a pipe when the mount is
 * ready. If it ends earlier, the pipe closes and the parent takes over its exit
 * status; the child has said what was wrong on the common stderr.
 *
 * autofs recognizes by the process group who may touch a mountpoint that it has
 * triggered: everybody else waits until something is mounted there. So the
 * child stays in its parent's group until the mount is ready.
 */
#include "cli/daemonize.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready_pipe = -1;

static _Noreturn void wait_for(pid_t child, int pipe)
{
	int status = 0;
	char byte;
	ssize_t n;

	do {
		n = read(pipe, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status)
						       : 1);
}

int daemonize_begin(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	child = fork();
	if (child < 0) {
		int err = -errno;

		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (child > 0) {
		close(ends[1]);
		wait_for(child, ends[0]);
	}
	close(ends[0]);
	ready_pipe = ends[1];
	return 0;
}

static void leave_terminal(int last)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; null >= 0 && fd <= last; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/") != 0)
		log_warn("cannot change to '/'");
}

int daemonize_visit(const char *folder)
{
	pid_t group = getpgrp();
	int fd;

	if (setpgid(0, 0) != 0)
		return 0; /* a session leader: no mount helper */
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return setpgid(0, group) == 0 ? 0 : -errno;
}

void daemonize_ready(bool keep_stderr)
{
	if (ready_pipe < 0)
		return;
	leave_terminal(keep_stderr ? STDOUT_FILENO : STDERR_FILENO);
	/* if the parent was killed meanwhile, the mount does not care */
	if (write(ready_pipe, "", 1) != 1)
		log_info("the command that mounts was killed; the mount stays");
	close(ready_pipe);
	ready_pipe = -1;
}
