/* How a worker process is ended, and what is not taken from one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transcode/engine/process.h"

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

static void foreign_reports_are_a_flood(void **state)
{
	struct process *process = NULL;
	struct worker_task task = {.kind = TASK_PROBE};
	struct report report;
	int pool = memfd_create("pool", MFD_CLOEXEC);

	(void)state;
	assert_true(pool >= 0);
	assert_int_equal(process_start(WORKER_FOREIGN, pool, &process), 0);
	assert_int_equal(process_greet(process, 30), 0);
	assert_int_equal(process_send(process, &task, NULL, 0), 0);
	assert_int_equal(process_receive(process, 30, &report), -EPROTO);
	process_end(process);
	close(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a worker of the idle class leaves it to end at once",
		 kill_leaves_idle_class, NULL, NULL, NULL},
		{"a flood of reports on other tasks breaks the protocol",
		 foreign_reports_are_a_flood, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
