/* Blocks: made once, and shared. */
#include "tests/unit/blocks_bench.h"

#include <pthread.h>

static struct block_filler urgent = {true, note_hurry};

static void what_was_filled_is_found(void **state)
{
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_false(has(1));
	make_one(1);
	assert_true(has(1));
	check_read(1);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_READY);
	assert_int_equal(bench.shared[block_offset(block)], 1);
	blocks_release(bench.blocks, block);
}

static void what_is_not_made_is_not_found(void **state)
{
	struct block_id id = id_of(1);
	struct block *block;
	uint8_t byte;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	assert_true(block_is_filling(block));
	assert_false(has(1));
	assert_int_equal(blocks_read(bench.blocks, &id, 0, &byte, 1), 0);
	blocks_release(bench.blocks, block);
	assert_false(has(1));
	assert_int_equal(blocks_used(bench.blocks), 0);
}

struct waiter {
	pthread_t thread;
	struct block_filler *filler;
	enum block_answer answer;
	uint8_t byte;
};

static void *wait_for_one(void *arg)
{
	struct waiter *waiter = arg;
	struct block *block;

	waiter->answer = acquire(1, waiter->filler, &block);
	if (waiter->answer == BLOCK_NONE)
		return NULL;
	if (waiter->answer == BLOCK_FILL)
		fill(block, 77);
	waiter->byte = bench.shared[block_offset(block)];
	blocks_release(bench.blocks, block);
	return NULL;
}

static void start(struct waiter *waiter, struct block_filler *filler)
{
	waiter->filler = filler;
	assert_int_equal(
		pthread_create(&waiter->thread, NULL, wait_for_one, waiter), 0);
}

static void who_comes_second_waits_for_the_first(void **state)
{
	struct waiter waiters[4];
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	for (int i = 0; i < 4; i++)
		start(&waiters[i], i == 0 ? &urgent : &calm);
	while (atomic_load(&bench.promoted) == 0)
		usleep(1000);
	fill(block, 1);
	blocks_release(bench.blocks, block);
	for (int i = 0; i < 4; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].answer, BLOCK_READY);
		assert_int_equal(waiters[i].byte, 1);
	}
	assert_int_equal(atomic_load(&bench.promoted), 1);
}

static void what_one_gives_up_another_makes(void **state)
{
	struct waiter waiter;
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	start(&waiter, &urgent);
	while (atomic_load(&bench.promoted) == 0)
		usleep(1000);
	blocks_release(bench.blocks, block);
	pthread_join(waiter.thread, NULL);
	assert_int_equal(waiter.answer, BLOCK_FILL);
	assert_int_equal(waiter.byte, 77);
	assert_true(has(1));
}

static void what_is_not_to_be_kept_ends_with_its_holder(void **state)
{
	struct block *block, *other;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	memset(bench.shared + block_offset(block), 1, SIZE);
	blocks_filled(bench.blocks, block, false);
	check_read(1);
	assert_int_equal(acquire(1, &calm, &other), BLOCK_NONE);
	blocks_release(bench.blocks, block);
	assert_false(has(1));
	assert_int_equal(acquire(1, &calm, &other), BLOCK_FILL);
	fill(other, 1);
	blocks_release(bench.blocks, other);
	check_read(1);
	assert_int_equal(blocks_used(bench.blocks), SIZE);
}

static void without_a_budget_nothing_is_lent(void **state)
{
	struct block *block;

	(void)state;
	make(0, 1 << 20);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_NONE);
}

static void a_loose_block_ends_with_its_holder(void **state)
{
	struct block_id id = id_of(3);
	struct buffer *bytes, *again;
	struct block *block, *other;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(buffer_create("loose", SIZE, &bytes), 0);
	memset(buffer_bytes(bytes), 3, SIZE);
	assert_int_equal(blocks_add_loose(bench.blocks, &id, bytes, &block), 0);
	check_read(3);
	assert_int_equal(buffer_create("loose", SIZE, &again), 0);
	assert_int_equal(blocks_add_loose(bench.blocks, &id, again, &other),
			 -EEXIST);
	buffer_destroy(again);
	assert_int_equal(acquire(3, &calm, &other), BLOCK_NONE);
	blocks_release(bench.blocks, block);
	assert_false(has(3));
}

static void a_loose_block_takes_the_place_of_one_being_made(void **state)
{
	struct block_id id = id_of(3);
	struct buffer *bytes;
	struct block *slow, *block;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(3, &calm, &slow), BLOCK_FILL);
	assert_int_equal(buffer_create("loose", SIZE, &bytes), 0);
	memset(buffer_bytes(bytes), 3, SIZE);
	assert_int_equal(blocks_add_loose(bench.blocks, &id, bytes, &block), 0);
	check_read(3);
	fill(slow, 3);
	blocks_release(bench.blocks, slow);
	check_read(3);
	blocks_release(bench.blocks, block);
	assert_int_equal(blocks_used(bench.blocks), 0);
}

static void nobody_waits_after_the_stop(void **state)
{
	struct block *block, *other;
	struct waiter waiter;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	start(&waiter, &urgent);
	while (atomic_load(&bench.promoted) == 0)
		usleep(1000);
	blocks_stop(bench.blocks);
	pthread_join(waiter.thread, NULL);
	assert_int_equal(waiter.answer, BLOCK_NONE);
	assert_int_equal(acquire(1, &calm, &other), BLOCK_NONE);
	blocks_release(bench.blocks, block);
}

enum { THREADS = 6, ROUNDS = 3000, NAMES = 24 };

static void *use_many(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t index = (uint64_t)rand_r(&seed) % NAMES;
		struct block *block;
		enum block_answer answer =
			acquire(index, i % 2 ? &calm : &urgent, &block);

		assert_true(blocks_used(bench.blocks) <= ROOM * SIZE);
		if (answer == BLOCK_NONE)
			continue;
		if (answer == BLOCK_FILL && i % 7 == 0) {
			blocks_release(bench.blocks, block);
			continue;
		}
		if (answer == BLOCK_FILL)
			fill(block, index);
		assert_int_equal(bench.shared[block_offset(block)], index);
		assert_int_equal(bench.shared[block_offset(block) + SIZE - 1],
				 index);
		blocks_release(bench.blocks, block);
		if (has(index) && i % 3 == 0) {
			struct block_id id = id_of(index);
			uint8_t byte;

			if (blocks_read(bench.blocks, &id, 9, &byte, 1) == 1)
				assert_int_equal(byte, index);
		}
	}
	return NULL;
}

static void many_share_what_does_not_fit(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	make(ROOM * SIZE, 12 * SIZE);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_many,
						(void *)(i + 1)),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(blocks_used(bench.blocks) <= ROOM * SIZE);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_filled_is_found),
		test(what_is_not_made_is_not_found),
		test(who_comes_second_waits_for_the_first),
		test(what_one_gives_up_another_makes),
		test(what_is_not_to_be_kept_ends_with_its_holder),
		test(without_a_budget_nothing_is_lent),
		test(a_loose_block_ends_with_its_holder),
		test(a_loose_block_takes_the_place_of_one_being_made),
		test(nobody_waits_after_the_stop),
		test(many_share_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
