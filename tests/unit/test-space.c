/* The account of disk space before anybody knows what is there. */
#include "cache/disk/evict.h"

#include "scratch.h"

static void scan(struct space *space, uint64_t found)
{
	space_begin_sweep(space);
	space_scanned(space, found);
	space_end_sweep(space, false);
}

static void nobody_waits_for_the_first_scan_without_a_limit(void **state)
{
	struct space space = {0};
	uint64_t used;

	(void)state;
	assert_int_equal(space_init(&space, 0), 0);
	assert_int_equal(space_take(&space, 100, UINT64_MAX), SPACE_TAKEN);
	assert_false(space_used(&space, &used));
	assert_int_equal(space_take(&space, 100, 150), SPACE_UNKNOWN);
	scan(&space, 1000);
	assert_true(space_used(&space, &used));
	assert_int_equal(used, 1100);
	space_release(&space);
}

static void a_limit_holds_during_the_first_scan(void **state)
{
	struct space space = {0};

	(void)state;
	assert_int_equal(space_init(&space, 1000), 0);
	assert_int_equal(space_take(&space, 1, UINT64_MAX), SPACE_UNKNOWN);
	space_begin_sweep(&space); /* it runs, and takes its time */
	assert_int_equal(space_take(&space, 1, UINT64_MAX), SPACE_UNKNOWN);
	space_scanned(&space, 900);
	space_end_sweep(&space, false);
	assert_int_equal(space_take(&space, 100, UINT64_MAX), SPACE_TAKEN);
	assert_int_equal(space_take(&space, 1, UINT64_MAX), SPACE_SWEEP);
	space_release(&space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nobody_waits_for_the_first_scan_without_a_limit),
		cmocka_unit_test(a_limit_holds_during_the_first_scan),
	};

	return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
