/* Pressure stall information, from files and from the kernel. */
#include "cache/memory/pressure_private.h"

#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>

struct stalls {
	char *directory;
	char *path;
	struct psi psi;
};

static void set_total(const struct stalls *stalls, unsigned long long total)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "some avg10=0.00 avg60=0.10 avg300=0.42 total=%llu\n"
		 "full avg10=0.00 avg60=0.10 avg300=0.41 total=99\n",
		 total);
	scratch_write(stalls->directory, "memory", text);
}

static struct stalls make_stalls(unsigned long long total)
{
	struct stalls stalls = {.directory = scratch_make()};

	stalls.path = scratch_path(stalls.directory, "memory");
	set_total(&stalls, total);
	psi_open(&stalls.psi, stalls.path);
	return stalls;
}

static void remove_stalls(struct stalls *stalls)
{
	psi_release(&stalls->psi);
	free(stalls->path);
	scratch_remove(stalls->directory);
}

static void what_stalled_before_the_start_is_no_pressure(void **state)
{
	struct stalls stalls = make_stalls(5000000);

	(void)state;
	assert_false(psi_pressed(&stalls.psi, 0));
	remove_stalls(&stalls);
}

static void a_tenth_of_a_second_since_the_last_look_is_pressure(void **state)
{
	struct stalls stalls = make_stalls(5000000);

	(void)state;
	set_total(&stalls, 5100000);
	assert_true(psi_pressed(&stalls.psi, 0));
	assert_false(psi_pressed(&stalls.psi, 0));
	remove_stalls(&stalls);
}

static void less_is_none_however_often(void **state)
{
	struct stalls stalls = make_stalls(0);

	(void)state;
	for (unsigned i = 1; i <= 5; i++) {
		set_total(&stalls, i * 99999);
		assert_false(psi_pressed(&stalls.psi, 0));
	}
	remove_stalls(&stalls);
}

static void a_count_that_starts_anew_is_no_pressure(void **state)
{
	struct stalls stalls = make_stalls(5000000);

	(void)state;
	set_total(&stalls, 1000);
	assert_false(psi_pressed(&stalls.psi, 0));
	set_total(&stalls, 101000);
	assert_true(psi_pressed(&stalls.psi, 0));
	remove_stalls(&stalls);
}

static void a_file_that_is_not_the_kernel_s_is_not_written_to(void **state)
{
	struct stalls stalls = make_stalls(5000000);
	char text[10] = {0};
	int fd = open(stalls.path, O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(stalls.psi.trigger);
	assert_int_equal(psi_pollfd(&stalls.psi).fd, -1);
	assert_int_equal(read(fd, text, 9), 9);
	assert_string_equal(text, "some avg1");
	close(fd);
	remove_stalls(&stalls);
}

static void without_the_file_there_is_never_pressure(void **state)
{
	struct psi psi;

	(void)state;
	psi_open(&psi, "/does/not/exist");
	assert_int_equal(psi.fd, -1);
	assert_int_equal(psi_pollfd(&psi).fd, -1);
	assert_false(psi_pressed(&psi, 0));
	psi_release(&psi);
}

static void a_file_that_says_something_else_is_none(void **state)
{
	char *directory = scratch_make();
	char *path = scratch_path(directory, "memory");
	struct psi psi;

	(void)state;
	scratch_write(directory, "memory", "full total=5\n");
	psi_open(&psi, path);
	assert_int_equal(psi.fd, -1);
	scratch_write(directory, "memory", "some 5\n");
	psi_open(&psi, path);
	assert_int_equal(psi.fd, -1);
	free(path);
	scratch_remove(directory);
}

static atomic_bool enough;

static void *spin(void *argument)
{
	while (!enough)
		;
	return argument;
}

#define SPINNERS 64

/* The processor's file: tasks can be made to wait for that without harm. */
static void the_kernel_wakes_who_polls(void **state)
{
	pthread_t threads[SPINNERS];
	struct pollfd polled;
	struct psi psi;
	bool pressed;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) > SPINNERS / 2)
		skip();
	psi_open(&psi, "/proc/pressure/cpu");
	if (!psi.trigger) {
		printf("# skipped: no trigger can be set\n");
		psi_release(&psi);
		skip();
	}
	polled = psi_pollfd(&psi);
	assert_int_equal(polled.fd, psi.fd);
	for (int i = 0; i < SPINNERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, spin, NULL),
				 0);
	poll(&polled, 1, 60000);
	enough = true;
	for (int i = 0; i < SPINNERS; i++)
		pthread_join(threads[i], NULL);
	pressed = psi_pressed(&psi, polled.revents);
	psi_release(&psi);
	assert_true(pressed);
	assert_false(psi_pressed(&psi, POLLPRI));
}

static void a_trigger_that_is_gone_is_let_go(void **state)
{
	struct psi psi;

	(void)state;
	psi_open(&psi, "/proc/pressure/memory");
	if (!psi.trigger) {
		printf("# skipped: no trigger can be set\n");
		psi_release(&psi);
		skip();
	}
	assert_false(psi_pressed(&psi, POLLERR | POLLPRI));
	assert_int_equal(psi_pollfd(&psi).fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stalled_before_the_start_is_no_pressure),
		cmocka_unit_test(
			a_tenth_of_a_second_since_the_last_look_is_pressure),
		cmocka_unit_test(less_is_none_however_often),
		cmocka_unit_test(a_count_that_starts_anew_is_no_pressure),
		cmocka_unit_test(
			a_file_that_is_not_the_kernel_s_is_not_written_to),
		cmocka_unit_test(without_the_file_there_is_never_pressure),
		cmocka_unit_test(a_file_that_says_something_else_is_none),
		cmocka_unit_test(the_kernel_wakes_who_polls),
		cmocka_unit_test(a_trigger_that_is_gone_is_let_go),
	};

	return cmocka_run_group_tests_name("psi", tests, NULL, NULL);
}
