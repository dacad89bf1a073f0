/* Which job a slot takes: the oldest, but no file holds all that there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transcode/engine/engine_private.h"

#include <stdlib.h>
#include <string.h>

enum { WORKERS = 2, SLOTS = 3 };

/* Two slots for readers, and a spare one. Nothing runs. */
struct scene {
	struct engine engine;
	struct slot slots[SLOTS];
	struct job *first;  /* of file 1 */
	struct job *second; /* likewise */
	struct job *other;  /* of file 2 */
};

static struct job *add(struct jobs *jobs, uint64_t inode, uint32_t part)
{
	struct job_id id = job_id_of(JOB_PROBE, NULL, part);

	id.file.ino = inode;
	return jobs_add(jobs, &id, "some/path", NULL, true);
}

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	s->engine.config.workers = WORKERS;
	s->engine.slot_count = SLOTS;
	s->engine.slots = s->slots;
	s->engine.jobs = jobs_create();
	for (unsigned i = 0; i < SLOTS; i++)
		slot_init(&s->slots[i], &s->engine, true, i >= WORKERS);
	s->first = add(s->engine.jobs, 1, 1);
	s->second = add(s->engine.jobs, 1, 2);
	s->other = add(s->engine.jobs, 2, 1);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;
	struct job *jobs[] = {s->first, s->second, s->other};

	for (unsigned i = 0; i < 3; i++) {
		jobs_remove(s->engine.jobs, jobs[i]);
		job_free(jobs[i]);
	}
	jobs_destroy(s->engine.jobs);
	free(s);
	return 0;
}

static void give(struct slot *slot, struct job *job, int64_t seconds_ago)
{
	job->slot = slot;
	slot->busy = true;
	slot->file = *job_file(job);
	slot->since = clock_ns() - seconds_ago * CLOCK_SECOND_NS;
	atomic_store(&slot->last_message, slot->since);
}

static struct job *take(struct slot *slot, int64_t seconds_ago)
{
	struct job *job = choose_waited_for_locked(slot);

	if (job)
		give(slot, job, seconds_ago);
	return job;
}

static void another_file_comes_first(void **state)
{
	struct scene *s = *state;

	assert_ptr_equal(take(&s->slots[0], 0), s->first);
	assert_ptr_equal(take(&s->slots[1], 0), s->other);
}

static void a_file_alone_has_all_workers(void **state)
{
	struct scene *s = *state;

	jobs_claim(s->engine.jobs, s->other);
	give(&s->slots[2], s->other, 0);
	s->slots[2].busy = false;
	assert_ptr_equal(take(&s->slots[0], 0), s->first);
	assert_ptr_equal(take(&s->slots[1], 0), s->second);
}

static void spare_slots_help_where_others_are_held_up(void **state)
{
	struct scene *s = *state;

	assert_null(take(&s->slots[2], 0));
	assert_ptr_equal(take(&s->slots[0], 0), s->first);
	assert_null(take(&s->slots[2], 0));
	s->slots[0].since -= 60ll * CLOCK_SECOND_NS;
	assert_ptr_equal(take(&s->slots[2], 0), s->other);
}

static void spare_slots_work_ahead_where_others_are_held_up(void **state)
{
	struct scene *s = *state;

	assert_false(choose_may_work_ahead_locked(&s->slots[0]));
	for (unsigned i = 0; i < SLOTS; i++)
		s->slots[i].urgent = false;
	jobs_claim(s->engine.jobs, s->first);
	give(&s->slots[0], s->first, 0);
	assert_true(choose_may_work_ahead_locked(&s->slots[1]));
	assert_false(choose_may_work_ahead_locked(&s->slots[2]));
	give(&s->slots[0], s->first, 60);
	assert_true(choose_may_work_ahead_locked(&s->slots[2]));
}

static void a_file_that_hangs_gets_no_spare_slot(void **state)
{
	struct scene *s = *state;

	assert_ptr_equal(take(&s->slots[0], 60), s->first);
	assert_ptr_equal(take(&s->slots[1], 60), s->other);
	assert_null(take(&s->slots[2], 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(another_file_comes_first,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_alone_has_all_workers,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			spare_slots_help_where_others_are_held_up, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			spare_slots_work_ahead_where_others_are_held_up, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_that_hangs_gets_no_spare_slot, set_up,
			tear_down),
	};

	return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
