/*
 * What a worker may not do any more. Each try runs in a child of its own, which
 * is killed or refused.
 */
#include "transcode/worker/sandbox.h"

#include "scratch.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { REFUSED = 10, ALLOWED = 11, BROKEN = 12 };

static int in_sandbox(int (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(0) != 0)
			_exit(BROKEN);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_refused(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), REFUSED);
}

static void assert_killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int open_a_file(void)
{
	return open("/etc/hostname", O_RDONLY) < 0 ? REFUSED : ALLOWED;
}

static int make_a_file(void)
{
	return open("/tmp/groovefs-sandbox", O_CREAT | O_WRONLY, 0600) < 0
		       ? REFUSED
		       : ALLOWED;
}

static int make_executable_memory(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? REFUSED : ALLOWED;
}

static int make_memory_executable(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return BROKEN;
	return mprotect(map, 4096, PROT_READ | PROT_EXEC) < 0 ? REFUSED
							      : ALLOWED;
}

static int remove_a_file(void)
{
	return unlink("/tmp/groovefs-none") < 0 && errno == EPERM ? REFUSED
								  : ALLOWED;
}

static int open_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? REFUSED : ALLOWED;
}

static int execute(void)
{
	char *argv[] = {(char *)"true", NULL};

	execv("/bin/true", argv);
	return REFUSED;
}

static int fork_a_child(void)
{
	return fork() < 0 ? REFUSED : ALLOWED;
}

static int trace_the_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? REFUSED
								: ALLOWED;
}

static int use_memory(void)
{
	enum { SIZE = 64 << 20 };
	char *memory = malloc(SIZE);

	if (!memory)
		return BROKEN;
	memset(memory, 1, SIZE);
	free(memory);
	return ALLOWED;
}

static void files_cannot_be_opened(void **state)
{
	(void)state;
	assert_refused(in_sandbox(open_a_file));
	assert_refused(in_sandbox(make_a_file));
	assert_refused(in_sandbox(remove_a_file));
}

static void memory_cannot_be_executed(void **state)
{
	(void)state;
	assert_refused(in_sandbox(make_executable_memory));
	assert_refused(in_sandbox(make_memory_executable));
}

static void network_and_processes_kill(void **state)
{
	(void)state;
	assert_killed(in_sandbox(open_a_socket));
	assert_killed(in_sandbox(execute));
	assert_killed(in_sandbox(trace_the_parent));
	assert_killed(in_sandbox(fork_a_child));
}

static void memory_can_be_used(void **state)
{
	int status = in_sandbox(use_memory);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_cannot_be_opened),
		cmocka_unit_test(memory_cannot_be_executed),
		cmocka_unit_test(network_and_processes_kill),
		cmocka_unit_test(memory_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
