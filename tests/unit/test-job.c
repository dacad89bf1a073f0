/* Jobs: one for each thing, two queues, a second place in them. */
#include "transcode/engine/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct job_id probe_of(uint64_t inode)
{
	struct job_id id;

	memset(&id, 0, sizeof(id));
	id.kind = JOB_PROBE;
	id.file.ino = inode;
	return id;
}

static struct job *add(struct jobs *jobs, uint64_t inode, bool urgent)
{
	struct job_id id = probe_of(inode);

	return jobs_add(jobs, &id, "some/path", NULL, urgent);
}

static void drop(struct jobs *jobs, struct job *job)
{
	jobs_remove(jobs, job);
	job_free(job);
}

static struct job *take(struct jobs *jobs, enum job_queue queue)
{
	return jobs_take(jobs, queue, NULL, NULL);
}

/* A slot that a running job belongs to; nothing looks into it. */
static struct slot *some_slot(void)
{
	static char byte;

	return (struct slot *)(void *)&byte;
}

static void a_job_is_found_by_what_it_makes(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *job = add(jobs, 1, true);
	struct job_id same = probe_of(1);
	struct job_id other = probe_of(2);

	(void)state;
	assert_ptr_equal(jobs_find(jobs, &same), job);
	assert_null(jobs_find(jobs, &other));
	drop(jobs, job);
	assert_null(jobs_find(jobs, &same));
	jobs_destroy(jobs);
}

static void segments_of_one_entry_are_different_jobs(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job_id first;
	struct job_id second;
	struct job *job;

	(void)state;
	memset(&first, 0, sizeof(first));
	first.kind = JOB_SEGMENT;
	first.entry = (const struct entry *)(const void *)jobs;
	second = first;
	second.segment = 1;
	job = jobs_add(jobs, &first, NULL, NULL, false);
	assert_ptr_equal(jobs_find(jobs, &first), job);
	assert_null(jobs_find(jobs, &second));
	drop(jobs, job);
	jobs_destroy(jobs);
}

static void each_queue_is_first_in_first_out(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *a = add(jobs, 1, true);
	struct job *b = add(jobs, 2, false);
	struct job *c = add(jobs, 3, true);

	(void)state;
	assert_int_equal(jobs_queued(jobs, QUEUE_READERS), 2);
	assert_ptr_equal(take(jobs, QUEUE_READERS), a);
	assert_ptr_equal(take(jobs, QUEUE_READERS), c);
	assert_null(take(jobs, QUEUE_READERS));
	assert_ptr_equal(take(jobs, QUEUE_AHEAD), b);
	a->slot = b->slot = c->slot = some_slot();
	drop(jobs, a);
	drop(jobs, b);
	drop(jobs, c);
	jobs_destroy(jobs);
}

static struct job *add_segment(struct jobs *jobs, uint32_t segment)
{
	struct job_id id = job_id_of(JOB_SEGMENT, NULL, segment);

	return jobs_add(jobs, &id, NULL, NULL, false);
}

static void what_nobody_waits_for_comes_last(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *first = add_segment(jobs, 1);
	struct job *second = add_segment(jobs, 2);
	struct job *probe = add(jobs, 3, false);

	(void)state;
	jobs_claim(jobs, second);
	assert_int_equal(jobs_queued(jobs, QUEUE_LAST), 1);
	assert_ptr_equal(take(jobs, QUEUE_AHEAD), probe);
	assert_null(take(jobs, QUEUE_AHEAD));
	assert_ptr_equal(take(jobs, QUEUE_LAST), first);
	assert_null(take(jobs, QUEUE_LAST));
	first->slot = second->slot = probe->slot = some_slot();
	drop(jobs, first);
	drop(jobs, second);
	drop(jobs, probe);
	jobs_destroy(jobs);
}

static void a_job_in_a_hurry_changes_its_queue(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *job = add(jobs, 1, false);

	(void)state;
	jobs_hurry(jobs, job);
	assert_null(take(jobs, QUEUE_AHEAD));
	assert_ptr_equal(take(jobs, QUEUE_READERS), job);
	job->slot = some_slot();
	drop(jobs, job);
	jobs_destroy(jobs);
}

static void a_running_job_in_a_hurry_stays_out_of_the_queues(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *job = add(jobs, 1, false);

	(void)state;
	job = take(jobs, QUEUE_AHEAD);
	job->slot = some_slot();
	jobs_hurry(jobs, job);
	assert_true(job->urgent);
	assert_null(take(jobs, QUEUE_READERS));
	drop(jobs, job);
	jobs_destroy(jobs);
}

static void a_second_try_comes_before_all_that_wait(void **state)
{
	struct jobs *jobs = jobs_create();
	struct job *first = add(jobs, 1, true);
	struct job *second = add(jobs, 2, true);

	(void)state;
	assert_ptr_equal(take(jobs, QUEUE_READERS), first);
	first->slot = some_slot();
	jobs_requeue(jobs, first);
	assert_null(first->slot);
	assert_ptr_equal(take(jobs, QUEUE_READERS), first);
	first->slot = some_slot();
	drop(jobs, first);
	drop(jobs, second);
	assert_null(jobs_first(jobs));
	jobs_destroy(jobs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_found_by_what_it_makes),
		cmocka_unit_test(segments_of_one_entry_are_different_jobs),
		cmocka_unit_test(each_queue_is_first_in_first_out),
		cmocka_unit_test(what_nobody_waits_for_comes_last),
		cmocka_unit_test(a_job_in_a_hurry_changes_its_queue),
		cmocka_unit_test(
			a_running_job_in_a_hurry_stays_out_of_the_queues),
		cmocka_unit_test(a_second_try_comes_before_all_that_wait),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
