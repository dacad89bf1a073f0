/* How a worker process is ended, and what is not taken from one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "transcode/engine/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* It still is in its class as a zombie. */
static void kill_leaves_idle_class(void **state)
{
	siginfo_t end = {0};
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	assert_true(process_set_class(pid, PROCESS_BACKGROUND));
	assert_int_equal(sched_getscheduler(pid), SCHED_IDLE);
	process_kill(pid);
	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	assert_int_equal(end.si_status, SIGKILL);
	if (geteuid() != 0)
		skip(); /* only root may raise a class again */
	assert_int_equal(sched_getscheduler(pid), SCHED_OTHER);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct process *started(const char *path)
{
	auto_fd int pool = memfd_create("pool", MFD_CLOEXEC);
	auto_fd int program = open(path, O_PATH | O_CLOEXEC);
	struct process *process = NULL;

	assert_true(pool >= 0);
	assert_true(program >= 0);
	assert_int_equal(process_start(program, pool, &process), 0);
	return process;
}

static void foreign_reports_are_a_flood(void **state)
{
	struct process *process = started(WORKER_FOREIGN);
	struct worker_task task = {.kind = TASK_PROBE};
	struct report report;

	(void)state;
	assert_int_equal(process_greet(process, 30), 0);
	assert_int_equal(process_send(process, &task, NULL, 0), 0);
	assert_int_equal(process_receive(process, 30, &report), -EPROTO);
	process_end(process);
}

static void another_protocol_is_refused(void **state)
{
	struct process *process = started(WORKER_NEWER);

	(void)state;
	assert_int_equal(process_greet(process, 30), -EPROTO);
	process_end(process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a worker of the idle class leaves it to end at once",
		 kill_leaves_idle_class, NULL, NULL, NULL},
		{"a flood of reports on other tasks breaks the protocol",
		 foreign_reports_are_a_flood, NULL, NULL, NULL},
		{"a worker of another protocol is refused",
		 another_protocol_is_refused, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
