/* Runs of pages: where they are found, and that no page is in two of them. */
#include "cache/memory/extents.h"

#include "scratch.h"

#include <pthread.h>

#define PAGE 4096u

static struct extents make_extents(uint64_t pages)
{
	struct extents extents;

	assert_int_equal(extents_init(&extents, PAGE, pages * PAGE), 0);
	return extents;
}

static uint64_t take(struct extents *extents, uint64_t pages)
{
	uint64_t offset;

	assert_int_equal(extents_take(extents, pages * PAGE, &offset), 0);
	assert_int_equal(offset % PAGE, 0);
	return offset / PAGE;
}

static void give_back(struct extents *extents, uint64_t first, uint64_t pages)
{
	extents_give_back(extents, first * PAGE, pages * PAGE);
}

static void there_are_twice_as_many_addresses_as_bytes(void **state)
{
	struct extents extents;

	(void)state;
	assert_int_equal(extents_init(&extents, PAGE, 10 * PAGE + 1), 0);
	assert_int_equal(extents_span(&extents), 22 * PAGE);
	extents_release(&extents);
}

static void without_a_budget_there_is_an_address_and_no_room(void **state)
{
	struct extents extents = make_extents(0);
	uint64_t offset = 77;

	(void)state;
	assert_int_equal(extents_span(&extents), PAGE);
	assert_int_equal(extents_take(&extents, 1, &offset), -ENOSPC);
	assert_int_equal(offset, 77);
	extents_release(&extents);
}

static void a_budget_beyond_all_disks_is_refused(void **state)
{
	struct extents extents;

	(void)state;
	assert_int_equal(extents_init(&extents, PAGE, EXTENTS_MAX + 1),
			 -EINVAL);
	assert_int_equal(extents_init(&extents, 0, PAGE), -EINVAL);
}

static void nothing_and_too_much_are_refused(void **state)
{
	struct extents extents = make_extents(4);
	uint64_t offset;

	(void)state;
	assert_int_equal(extents_take(&extents, 0, &offset), -EINVAL);
	assert_int_equal(extents_take(&extents, 4 * PAGE + 1, &offset),
			 -ENOSPC);
	assert_int_equal(extents_take(&extents, UINT64_MAX, &offset), -ENOSPC);
	assert_int_equal(extents_used(&extents), 0);
	extents_release(&extents);
}

static void a_part_of_a_page_counts_as_a_page(void **state)
{
	struct extents extents = make_extents(4);
	uint64_t offset;

	(void)state;
	assert_int_equal(extents_take(&extents, PAGE + 1, &offset), 0);
	assert_int_equal(extents_used(&extents), 2 * PAGE);
	extents_give_back(&extents, offset, PAGE + 1);
	assert_int_equal(extents_used(&extents), 0);
	extents_release(&extents);
}

static void a_budget_of_parts_of_pages_is_not_exceeded(void **state)
{
	struct extents extents;
	uint64_t offset;

	(void)state;
	assert_int_equal(extents_init(&extents, PAGE, 3 * PAGE - 1), 0);
	assert_int_equal(extents_take(&extents, 2 * PAGE, &offset), 0);
	assert_int_equal(extents_take(&extents, 1, &offset), -ENOSPC);
	extents_release(&extents);
}

static void the_lowest_hole_that_is_long_enough_is_taken(void **state)
{
	struct extents extents = make_extents(300);
	uint64_t a, b;

	(void)state;
	assert_int_equal(take(&extents, 10), 0);
	a = take(&extents, 2);
	take(&extents, 100);
	b = take(&extents, 3);
	take(&extents, 1);
	give_back(&extents, b, 3);
	give_back(&extents, a, 2);
	assert_int_equal(take(&extents, 3), b);
	assert_int_equal(take(&extents, 1), a);
	assert_int_equal(take(&extents, 2), b + 4);
	assert_int_equal(take(&extents, 1), a + 1);
	extents_release(&extents);
}

static void a_run_may_cross_any_number_of_words(void **state)
{
	struct extents extents = make_extents(1000);

	(void)state;
	assert_int_equal(take(&extents, 63), 0);
	assert_int_equal(take(&extents, 2), 63);
	assert_int_equal(take(&extents, 500), 65);
	give_back(&extents, 63, 2);
	assert_int_equal(take(&extents, 3), 565);
	assert_int_equal(take(&extents, 2), 63);
	extents_release(&extents);
}

/* Of 12 pages, 2, 5 and 8 are in use: three fit in at the end only. */
static void the_last_pages_can_be_taken(void **state)
{
	struct extents extents = make_extents(6);
	uint64_t offset;

	(void)state;
	assert_int_equal(take(&extents, 6), 0);
	give_back(&extents, 0, 2);
	give_back(&extents, 3, 2);
	assert_int_equal(take(&extents, 3), 6);
	give_back(&extents, 6, 2);
	assert_int_equal(extents_take(&extents, 4 * PAGE, &offset), -ENOSPC);
	assert_int_equal(take(&extents, 3), 9);
	extents_release(&extents);
}

/* Every other page in use: what is left over below is too short for any run. */
static void runs_are_found_behind_scattered_pages(void **state)
{
	struct extents extents = make_extents(64);

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		take(&extents, 1);
	for (unsigned i = 0; i < 64; i += 2)
		give_back(&extents, i, 1);
	assert_int_equal(take(&extents, 32), 64);
	assert_int_equal(extents_used(&extents), 64 * PAGE);
	extents_release(&extents);
}

static void what_is_held_is_told_from_what_is_not(void **state)
{
	struct extents extents = make_extents(8);

	(void)state;
	take(&extents, 4);
	assert_true(extents_hold(&extents, 0, 4 * PAGE));
	assert_true(extents_hold(&extents, PAGE - 1, 2));
	assert_false(extents_hold(&extents, 4 * PAGE - 1, 2));
	give_back(&extents, 0, 4);
	assert_false(extents_hold(&extents, 0, 1));
	assert_false(extents_hold(&extents, 16 * PAGE, 1));
	assert_false(extents_hold(&extents, UINT64_MAX, 2));
	assert_false(extents_hold(&extents, 0, UINT64_MAX));
	extents_release(&extents);
}

static void a_smaller_budget_holds_until_enough_is_given_back(void **state)
{
	struct extents extents = make_extents(8);
	uint64_t offset;

	(void)state;
	take(&extents, 4);
	take(&extents, 2);
	extents_set_budget(&extents, 3 * PAGE);
	assert_int_equal(extents_take(&extents, 1, &offset), -ENOSPC);
	give_back(&extents, 0, 4);
	assert_int_equal(take(&extents, 1), 0);
	assert_int_equal(extents_take(&extents, 1, &offset), -ENOSPC);
	extents_release(&extents);
}

static void a_budget_does_not_grow_beyond_the_first_one(void **state)
{
	struct extents extents = make_extents(8);

	(void)state;
	extents_set_budget(&extents, 9 * PAGE);
	assert_int_equal(extents_budget(&extents), 8 * PAGE);
	extents_release(&extents);
}

#define RUNS 200

/* A model: who has which page. */
static void random_runs_never_overlap(void **state)
{
	struct extents extents = make_extents(1024);
	uint64_t seed = scratch_seed();
	uint64_t first[RUNS], pages[RUNS] = {0};
	uint8_t owner[2048] = {0};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		unsigned run = scratch_random(&seed) % RUNS;
		uint64_t wanted = 1 + scratch_random(&seed) % 20;
		uint64_t offset;

		if (pages[run]) {
			memset(owner + first[run], 0, pages[run]);
			give_back(&extents, first[run], pages[run]);
			pages[run] = 0;
		} else if (extents_take(&extents, wanted * PAGE, &offset) ==
			   0) {
			first[run] = offset / PAGE;
			pages[run] = wanted;
			assert_true(first[run] + wanted <= 2048);
			for (uint64_t p = 0; p < wanted; p++)
				assert_int_equal(owner[first[run] + p]++, 0);
		}
	}
	extents_release(&extents);
}

struct crowd {
	struct extents extents;
	_Atomic uint32_t owners[1024];
	_Atomic unsigned shared; /* pages that two had at once */
	uint64_t seed;
};

static void *take_and_give_back(void *argument)
{
	struct crowd *crowd = argument;
	uint64_t seed = crowd->seed ^ (uintptr_t)&argument;

	for (int i = 0; i < 5000; i++) {
		uint64_t pages = 1 + scratch_random(&seed) % 16;
		uint64_t offset;

		if (extents_take(&crowd->extents, pages * PAGE, &offset) < 0)
			continue;
		for (uint64_t p = 0; p < pages; p++)
			crowd->shared +=
				crowd->owners[offset / PAGE + p]++ != 0;
		for (uint64_t p = 0; p < pages; p++)
			crowd->owners[offset / PAGE + p]--;
		extents_give_back(&crowd->extents, offset, pages * PAGE);
	}
	return NULL;
}

static void four_threads_never_share_a_page(void **state)
{
	static struct crowd crowd;
	pthread_t threads[4];

	(void)state;
	crowd.extents = make_extents(48);
	crowd.seed = scratch_seed();
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						take_and_give_back, &crowd),
				 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.shared, 0);
	assert_int_equal(extents_used(&crowd.extents), 0);
	assert_int_equal(take(&crowd.extents, 48), 0);
	extents_release(&crowd.extents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_twice_as_many_addresses_as_bytes),
		cmocka_unit_test(
			without_a_budget_there_is_an_address_and_no_room),
		cmocka_unit_test(a_budget_beyond_all_disks_is_refused),
		cmocka_unit_test(nothing_and_too_much_are_refused),
		cmocka_unit_test(a_part_of_a_page_counts_as_a_page),
		cmocka_unit_test(a_budget_of_parts_of_pages_is_not_exceeded),
		cmocka_unit_test(the_lowest_hole_that_is_long_enough_is_taken),
		cmocka_unit_test(a_run_may_cross_any_number_of_words),
		cmocka_unit_test(the_last_pages_can_be_taken),
		cmocka_unit_test(runs_are_found_behind_scattered_pages),
		cmocka_unit_test(what_is_held_is_told_from_what_is_not),
		cmocka_unit_test(
			a_smaller_budget_holds_until_enough_is_given_back),
		cmocka_unit_test(a_budget_does_not_grow_beyond_the_first_one),
		cmocka_unit_test(random_runs_never_overlap),
		cmocka_unit_test(four_threads_never_share_a_page),
	};

	return cmocka_run_group_tests_name("extents", tests, NULL, NULL);
}
