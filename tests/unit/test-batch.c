/* Jobs of several steps, answered at once or by another thread. */
#include "tasks/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS = 1000, STEPS = 3, LIMIT = 4 };

struct counts {
	pthread_t thread; /* of the steps */
	unsigned ended;
	unsigned flying, most;
	atomic_uint destroyed;
};

struct test_job {
	struct batch_job job;
	struct counts *counts;
	unsigned steps;
	bool late; /* another thread answers */
};

static void destroy(struct batch_job *job)
{
	atomic_fetch_add(&((struct test_job *)job)->counts->destroyed, 1);
	free(job);
}

static void *answer(void *arg)
{
	usleep(10);
	batch_answer(arg);
	return NULL;
}

static void ask(struct test_job *t)
{
	pthread_t thread;

	if (!t->late) {
		batch_answer(&t->job);
		return;
	}
	assert_int_equal(pthread_create(&thread, NULL, answer, t), 0);
	pthread_detach(thread);
}

static void step(struct batch_job *job)
{
	struct test_job *t = (struct test_job *)job;
	struct counts *counts = t->counts;

	assert_true(pthread_equal(counts->thread, pthread_self()));
	if (t->steps++ == 0 && ++counts->flying > counts->most)
		counts->most = counts->flying;
	if (t->steps < STEPS) {
		ask(t);
		return;
	}
	counts->flying--;
	counts->ended++;
	batch_end(job);
}

static void add(struct batch *batch, struct counts *counts, bool late,
		void (*first)(struct batch_job *job))
{
	struct test_job *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	*t = (struct test_job){.job = {.step = first, .destroy = destroy},
			       .counts = counts,
			       .late = late};
	batch_add(batch, &t->job);
}

static void check_all(bool late)
{
	struct counts counts = {.thread = pthread_self()};
	struct batch batch;

	batch_init(&batch, LIMIT);
	for (unsigned i = 0; i < JOBS; i++)
		add(&batch, &counts, late, step);
	batch_run(&batch);
	assert_int_equal(counts.ended, JOBS);
	assert_int_equal(counts.destroyed, JOBS);
	assert_in_range(counts.most, 1, late ? LIMIT : 1);
	batch_release(&batch);
}

static void each_job_takes_its_steps(void **state)
{
	(void)state;
	check_all(false);
}

static void answers_may_come_from_any_thread(void **state)
{
	(void)state;
	check_all(true);
}

/* The others wait; of those that were asked, one is not answered yet. */
static void stop_in_step(struct batch_job *job)
{
	batch_stop(job->batch);
	ask((struct test_job *)job);
}

static void nothing_follows_a_stop(void **state)
{
	struct counts counts = {.thread = pthread_self()};
	struct batch batch;

	(void)state;
	batch_init(&batch, LIMIT);
	add(&batch, &counts, true, stop_in_step);
	for (unsigned i = 1; i < JOBS; i++)
		add(&batch, &counts, true, step);
	batch_run(&batch);
	batch_drain(&batch);
	assert_int_equal(counts.ended, 0);
	assert_int_equal(counts.destroyed, JOBS);
	batch_release(&batch);
}

static void stop_at_last(struct batch_job *job)
{
	struct test_job *t = (struct test_job *)job;

	if (t->counts->ended == JOBS)
		batch_stop(job->batch);
	batch_end(job);
}

struct adder {
	struct batch *batch;
	struct counts *counts;
};

static void *add_slowly(void *arg)
{
	struct adder *adder = arg;

	for (unsigned i = 0; i < JOBS; i++)
		add(adder->batch, adder->counts, false, step);
	usleep(1000);
	add(adder->batch, adder->counts, false, stop_at_last);
	return NULL;
}

static void an_open_batch_waits_for_more(void **state)
{
	struct counts counts = {.thread = pthread_self()};
	struct batch batch;
	struct adder adder = {&batch, &counts};
	pthread_t thread;

	(void)state;
	batch_init(&batch, LIMIT);
	batch_keep_open(&batch);
	assert_int_equal(pthread_create(&thread, NULL, add_slowly, &adder), 0);
	batch_run(&batch);
	assert_int_equal(counts.ended, JOBS);
	pthread_join(thread, NULL);
	batch_release(&batch);
	assert_int_equal(counts.destroyed, JOBS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_takes_its_steps),
		cmocka_unit_test(answers_may_come_from_any_thread),
		cmocka_unit_test(nothing_follows_a_stop),
		cmocka_unit_test(an_open_batch_waits_for_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
