/* Blocks: pushed out of memory, brought back, forgotten. */
#include "tests/unit/blocks_bench.h"

static void the_least_recently_used_goes_first(void **state)
{
	(void)state;
	make(ROOM * SIZE, 0);
	for (uint64_t i = 0; i < ROOM; i++)
		make_one(i);
	check_read(0);
	make_one(100);
	assert_true(has(0));
	assert_false(has(1));
	assert_true(has(2));
	assert_int_equal(blocks_used(bench.blocks), ROOM * SIZE);
}

static void what_is_held_stays(void **state)
{
	struct block *held[ROOM], *more;

	(void)state;
	make(ROOM * SIZE, 1 << 20);
	for (uint64_t i = 0; i < ROOM; i++) {
		make_one(i);
		assert_int_equal(acquire(i, &calm, &held[i]), BLOCK_READY);
	}
	assert_int_equal(acquire(9, &calm, &more), BLOCK_NONE);
	assert_false(has(9));
	blocks_release(bench.blocks, held[2]);
	assert_int_equal(acquire(9, &calm, &more), BLOCK_FILL);
	assert_int_equal(blocks_used(bench.blocks), ROOM * SIZE);
	for (uint64_t i = 0; i < ROOM; i++) {
		if (i != 2)
			blocks_release(bench.blocks, held[i]);
		check_read(i);
	}
	blocks_release(bench.blocks, more);
}

static void large_things_give_way_first(void **state)
{
	(void)state;
	make(ROOM * SIZE, 0);
	make_one(0);
	make_worth(1, BLOCK_OF_MANY);
	make_worth(2, BLOCK_OF_MANY);
	make_one(3);
	make_one(4);
	assert_true(has(0));
	assert_false(has(1));
	assert_true(has(2)); /* a quarter of the budget is theirs */
}

static void what_is_pushed_out_is_still_there(void **state)
{
	uint64_t pushed = counter_get(COUNTER_blocks_pushed);
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 100 * SIZE);
	for (uint64_t i = 0; i < 50; i++)
		make_one(i);
	assert_int_equal(counter_get(COUNTER_blocks_pushed) - pushed, 46);
	assert_true(blocks_used(bench.blocks) <= ROOM * SIZE);
	for (uint64_t i = 0; i < 50; i++)
		check_read(i);
	assert_int_equal(acquire(5, &calm, &block), BLOCK_READY);
	assert_int_equal(bench.shared[block_offset(block)], 5);
	assert_int_equal(bench.shared[block_offset(block) + SIZE - 1], 5);
	blocks_release(bench.blocks, block);
	assert_true(blocks_used(bench.blocks) <= ROOM * SIZE);
}

static void what_comes_by_once_is_not_put_on_disk(void **state)
{
	uint64_t pushed = counter_get(COUNTER_blocks_pushed);
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 100 * SIZE);
	make_worth(0, BLOCK_PASSING);
	make_worth(1, BLOCK_PASSING);
	make_worth(2, BLOCK_PASSING);
	assert_int_equal(acquire(2, &calm, &block), BLOCK_READY);
	blocks_release(bench.blocks, block); /* somebody else came for it */
	for (uint64_t i = 3; i < 10; i++)
		make_one(i);
	assert_false(has(0));
	assert_false(has(1));
	check_read(2);
	assert_int_equal(counter_get(COUNTER_blocks_pushed) - pushed, 8 - ROOM);
}

static void the_oldest_on_disk_is_forgotten(void **state)
{
	(void)state;
	make(ROOM * SIZE, 3 * SIZE);
	for (uint64_t i = 0; i < 10; i++)
		make_one(i);
	assert_false(has(2));
	for (uint64_t i = 3; i < 10; i++)
		check_read(i);
}

static void what_is_too_large_for_the_disk_leaves_it_alone(void **state)
{
	struct block_id id = id_of(100);
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 2 * SIZE);
	for (uint64_t i = 0; i < ROOM + 2; i++)
		make_one(i);
	assert_int_equal(blocks_acquire(bench.blocks, &id, ROOM * SIZE,
					BLOCK_OF_FEW, &calm, &block),
			 BLOCK_FILL);
	blocks_filled(bench.blocks, block, true);
	blocks_release(bench.blocks, block);
	make_one(50); /* pushes the one that is larger than the disk's share */
	assert_false(has(100));
	assert_true(has(ROOM + 1));
}

static void a_smaller_budget_pushes_out(void **state)
{
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 100 * SIZE);
	for (uint64_t i = 0; i < ROOM; i++)
		make_one(i);
	assert_int_equal(acquire(0, &calm, &block), BLOCK_READY);
	blocks_set_budget(bench.blocks, SIZE);
	assert_int_equal(blocks_used(bench.blocks), SIZE);
	assert_int_equal(bench.shared[block_offset(block)], 0);
	blocks_set_budget(bench.blocks, 0);
	assert_int_equal(blocks_used(bench.blocks), SIZE);
	blocks_release(bench.blocks, block);
	assert_int_equal(blocks_used(bench.blocks), 0);
	for (uint64_t i = 0; i < ROOM; i++)
		check_read(i);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_least_recently_used_goes_first),
		test(what_is_held_stays),
		test(large_things_give_way_first),
		test(what_comes_by_once_is_not_put_on_disk),
		test(what_is_pushed_out_is_still_there),
		test(the_oldest_on_disk_is_forgotten),
		test(what_is_too_large_for_the_disk_leaves_it_alone),
		test(a_smaller_budget_pushes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
