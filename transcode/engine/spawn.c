/*
 * Starting a worker.
 *
 * posix_spawn(3) and not fork(2): the daemon has many threads. Everything the
 * daemon opens is close-on-exec; the descriptors that the worker may keep
 * are put in their places by the spawn itself. They are first moved well above
 * those places, so that neither overwrites the other.
 *
 * The program is run by its descriptor: a mount outlives an upgrade of the
 * package, and its workers stay those that it was built with. That descriptor
 * stays open in the worker, which may be a script, until it closes it.
 */
#include "transcode/engine/spawn.h"

#include "base/cleanup.h"
#include "transcode/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_HIGH_FD = 16 };

/* A worker has nothing to say there, but a sanitizer has. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool keep_stderr = true;
#elif defined(__has_feature)
static const bool keep_stderr =
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
static const bool keep_stderr = false;
#endif

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

static int spawn_with(const int fds[static 4],
		      posix_spawn_file_actions_t *actions,
		      posix_spawnattr_t *attributes, pid_t *pid)
{
	char path[32];
	char name[] = "groovefs-worker";
	char *argv[] = {name, NULL};
	char *environment[5];
	sigset_t none;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", WORKER_FDS_END);
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
	posix_spawn_file_actions_adddup2(actions, fds[3], WORKER_FDS_END);
	return -posix_spawn(pid, path, actions, attributes, argv, environment);
}

int spawn_worker(int program, int socket, int ring, int pool, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	auto_fd int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	auto_fd int high_ring = fcntl(ring, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	auto_fd int high_pool = fcntl(pool, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	auto_fd int high_program =
		fcntl(program, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	const int fds[] = {high_socket, high_ring, high_pool, high_program};
	int err;

	if (high_socket < 0 || high_ring < 0 || high_pool < 0 ||
	    high_program < 0)
		return -errno;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	err = spawn_with(fds, &actions, &attributes, pid);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}
