/* The budget under pressure: what is decided, and the thread that does it. */
#include "cache/memory/pressure.h"
#include "cache/memory/pressure_private.h"

#include "base/counters.h"

#include "scratch.h"

#include <pthread.h>

#define MIB ((uint64_t)1 << 20)
#define MAX (1024 * MIB)
#define MIN (64 * MIB)

static struct pressure_state make_state(uint64_t budget)
{
	return (struct pressure_state){
		.budget = budget,
		.min = MIN,
		.since = 1000,
	};
}

static void without_pressure_all_of_it_stays(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	for (uint64_t now = 1000; now < 1100; now++)
		assert_int_equal(pressure_next(&s, false, MAX, now), MAX);
}

static void pressure_takes_a_quarter_every_second(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	assert_int_equal(pressure_next(&s, true, MAX, 1001), 768 * MIB);
	assert_int_equal(pressure_next(&s, true, MAX, 1002), 576 * MIB);
	assert_int_equal(pressure_next(&s, true, MAX, 1003), 432 * MIB);
}

static void many_looks_in_a_second_take_no_more(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(pressure_next(&s, true, MAX, 1001), 768 * MIB);
}

static void pressure_in_the_first_second_counts(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	assert_int_equal(pressure_next(&s, true, MAX, 1000), 768 * MIB);
}

static void the_minimum_is_left(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	for (uint64_t now = 1001; now < 1100; now++)
		assert_true(pressure_next(&s, true, MAX, now) >= MIN);
	assert_int_equal(s.budget, MIN);
}

static void without_a_minimum_nothing_is_left_in_bounded_time(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	s.min = 0;
	for (uint64_t now = 1001; now < 1030; now++)
		pressure_next(&s, true, MAX, now);
	assert_int_equal(s.budget, 0);
}

static void ten_seconds_without_give_an_eighth_back(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	pressure_next(&s, true, MAX, 1001);
	for (uint64_t now = 1002; now < 1011; now++)
		assert_int_equal(pressure_next(&s, false, MAX, now), 768 * MIB);
	for (uint64_t now = 1011; now < 1021; now++)
		assert_in_range(pressure_next(&s, false, MAX, now), 896 * MIB,
				896 * MIB + 1);
	assert_int_equal(pressure_next(&s, false, MAX, 1021), MAX);
	assert_int_equal(pressure_next(&s, false, MAX, 1031), MAX);
}

static void eight_steps_give_back_all(void **state)
{
	struct pressure_state s = make_state(0);

	(void)state;
	s.min = 0;
	for (uint64_t step = 1; step < 8; step++)
		assert_true(pressure_next(&s, false, MAX - 1,
					  1000 + 10 * step) < MAX - 1);
	assert_int_equal(pressure_next(&s, false, MAX - 1, 1080), MAX - 1);
}

static void pressure_starts_the_ten_seconds_anew(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	pressure_next(&s, true, MAX, 1001);
	pressure_next(&s, false, MAX, 1010);
	assert_int_equal(pressure_next(&s, true, MAX, 1010), 576 * MIB);
	assert_int_equal(pressure_next(&s, false, MAX, 1019), 576 * MIB);
	assert_true(pressure_next(&s, false, MAX, 1020) > 576 * MIB);
}

static void a_lower_maximum_is_in_force_at_once(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	assert_int_equal(pressure_next(&s, false, 100 * MIB, 1000), 100 * MIB);
}

static void a_higher_maximum_is_reached_in_steps(void **state)
{
	struct pressure_state s = make_state(100 * MIB);

	(void)state;
	assert_int_equal(pressure_next(&s, false, MAX, 1009), 100 * MIB);
	assert_in_range(pressure_next(&s, false, MAX, 1010), 228 * MIB,
			228 * MIB + 1);
}

static void the_maximum_comes_before_the_minimum(void **state)
{
	struct pressure_state s = make_state(MAX);

	(void)state;
	assert_int_equal(pressure_next(&s, true, 10 * MIB, 1001), 10 * MIB);
	assert_int_equal(pressure_next(&s, true, 10 * MIB, 1002), 10 * MIB);
}

/* A machine whose files are in a directory, and what was decided there. */
struct machine {
	char *directory;
	char *psi;
	unsigned long long stalled; /* microseconds */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t budget;
	unsigned changes;
};

static void set_budget(void *context, uint64_t budget)
{
	struct machine *machine = context;

	pthread_mutex_lock(&machine->lock);
	machine->budget = budget;
	machine->changes++;
	pthread_cond_broadcast(&machine->changed);
	pthread_mutex_unlock(&machine->lock);
}

static void stall(struct machine *machine, unsigned microseconds)
{
	char text[100];

	machine->stalled += microseconds;
	snprintf(text, sizeof(text), "some avg10=0.00 total=%llu\n",
		 machine->stalled);
	scratch_write(machine->directory, "psi", text);
}

static void set(struct machine *machine, const char *name, const char *text)
{
	scratch_write(machine->directory, name, text);
}

static struct machine *make_machine(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	assert_non_null(machine);
	machine->directory = scratch_make();
	machine->psi = scratch_path(machine->directory, "psi");
	pthread_mutex_init(&machine->lock, NULL);
	pthread_cond_init(&machine->changed, NULL);
	machine->budget = MAX;
	stall(machine, 12345678);
	set(machine, "memory.current", "0\n");
	set(machine, "memory.high", "max\n");
	return machine;
}

static struct pressure *start(struct machine *machine)
{
	const struct pressure_config config = {
		.budget_max = MAX,
		.budget_min = MIN,
		.set_budget = set_budget,
		.context = machine,
		.psi_path = machine->psi,
		.cgroup_dir = machine->directory,
	};
	struct pressure *pressure;

	assert_int_equal(pressure_start(&config, &pressure), 0);
	return pressure;
}

static void remove_machine(struct machine *machine)
{
	pthread_mutex_destroy(&machine->lock);
	pthread_cond_destroy(&machine->changed);
	scratch_remove(machine->directory);
	free(machine->psi);
	free(machine);
}

/* Waits until the budget is at most this; hangs if it never is. */
static void wait_for(struct machine *machine, uint64_t budget)
{
	pthread_mutex_lock(&machine->lock);
	while (machine->budget > budget)
		pthread_cond_wait(&machine->changed, &machine->lock);
	pthread_mutex_unlock(&machine->lock);
}

static void half_of_the_group_s_limit_is_in_force_at_the_start(void **state)
{
	struct machine *machine = make_machine();
	uint64_t before = counter_get(COUNTER_memory_shrunk);
	struct pressure *pressure;

	(void)state;
	set(machine, "memory.high", "268435456\n");
	pressure = start(machine);
	assert_int_equal(machine->budget, 128 * MIB);
	assert_int_equal(machine->changes, 1);
	assert_int_equal(counter_get(COUNTER_memory_shrunk), before + 1);
	pressure_stop(pressure);
	remove_machine(machine);
}

static void a_limit_that_leaves_enough_changes_nothing(void **state)
{
	struct machine *machine = make_machine();

	(void)state;
	set(machine, "memory.high", "2147483648\n");
	pressure_stop(start(machine));
	assert_int_equal(machine->changes, 0);
	remove_machine(machine);
}

static void a_machine_that_stalls_shrinks_the_budget(void **state)
{
	struct machine *machine = make_machine();
	struct pressure *pressure = start(machine);
	uint64_t before = counter_get(COUNTER_memory_shrunk);

	(void)state;
	stall(machine, 100000);
	wait_for(machine, 768 * MIB);
	stall(machine, 100000);
	wait_for(machine, 576 * MIB);
	pressure_stop(pressure);
	assert_int_equal(machine->changes, 2);
	assert_int_equal(machine->budget, 576 * MIB);
	assert_int_equal(counter_get(COUNTER_memory_shrunk), before + 2);
	remove_machine(machine);
}

static void a_group_near_its_limit_shrinks_the_budget(void **state)
{
	struct machine *machine = make_machine();
	struct pressure *pressure = start(machine);

	(void)state;
	set(machine, "memory.high", "4294967296\n");
	set(machine, "memory.current", "4294967295\n");
	wait_for(machine, 576 * MIB);
	pressure_stop(pressure);
	remove_machine(machine);
}

static void a_limit_that_comes_later_is_in_force_too(void **state)
{
	struct machine *machine = make_machine();
	struct pressure *pressure = start(machine);

	(void)state;
	set(machine, "memory.high", "1073741824\n");
	wait_for(machine, 512 * MIB);
	pressure_stop(pressure);
	assert_int_equal(machine->budget, 512 * MIB);
	remove_machine(machine);
}

static void each_change_is_a_line_in_the_log(void **state)
{
	struct machine *machine = make_machine();
	char *path = scratch_path(machine->directory, "log");
	int saved;
	char *text;

	(void)state;
	set(machine, "memory.high", "805306368\n");
	saved = scratch_log_begin(path);
	pressure_stop(start(machine));
	text = scratch_log_end(saved);
	assert_int_equal(scratch_count(text, "memory pressure: decoded audio "
					     "may use 384 MiB now\n"),
			 1);
	free(text);
	free(path);
	remove_machine(machine);
}

static void it_can_be_stopped_where_there_is_nothing_to_look_at(void **state)
{
	const struct pressure_config config = {
		.budget_max = MAX,
		.psi_path = "/does/not/exist",
		.cgroup_dir = "/does/not/exist",
	};
	struct pressure *pressure;

	(void)state;
	assert_int_equal(pressure_start(&config, &pressure), 0);
	pressure_stop(pressure);
	pressure_stop(NULL);
}

/* Whatever this machine has. */
static void it_starts_and_stops_with_the_kernel_s_own_files(void **state)
{
	struct machine *machine = make_machine();
	const struct pressure_config config = {
		.budget_max = MIB,
		.budget_min = MIB,
		.set_budget = set_budget,
		.context = machine,
	};
	struct pressure *pressure;

	(void)state;
	assert_int_equal(pressure_start(&config, &pressure), 0);
	pressure_stop(pressure);
	remove_machine(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_pressure_all_of_it_stays),
		cmocka_unit_test(pressure_takes_a_quarter_every_second),
		cmocka_unit_test(many_looks_in_a_second_take_no_more),
		cmocka_unit_test(pressure_in_the_first_second_counts),
		cmocka_unit_test(the_minimum_is_left),
		cmocka_unit_test(
			without_a_minimum_nothing_is_left_in_bounded_time),
		cmocka_unit_test(ten_seconds_without_give_an_eighth_back),
		cmocka_unit_test(eight_steps_give_back_all),
		cmocka_unit_test(pressure_starts_the_ten_seconds_anew),
		cmocka_unit_test(a_lower_maximum_is_in_force_at_once),
		cmocka_unit_test(a_higher_maximum_is_reached_in_steps),
		cmocka_unit_test(the_maximum_comes_before_the_minimum),
		cmocka_unit_test(
			half_of_the_group_s_limit_is_in_force_at_the_start),
		cmocka_unit_test(a_limit_that_leaves_enough_changes_nothing),
		cmocka_unit_test(a_machine_that_stalls_shrinks_the_budget),
		cmocka_unit_test(a_group_near_its_limit_shrinks_the_budget),
		cmocka_unit_test(a_limit_that_comes_later_is_in_force_too),
		cmocka_unit_test(each_change_is_a_line_in_the_log),
		cmocka_unit_test(
			it_can_be_stopped_where_there_is_nothing_to_look_at),
		cmocka_unit_test(
			it_starts_and_stops_with_the_kernel_s_own_files),
	};

	return cmocka_run_group_tests_name("pressure", tests, NULL, NULL);
}
