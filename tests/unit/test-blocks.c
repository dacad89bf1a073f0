/* Blocks: made once, shared, pushed out and brought back. */
#include "cache/blocks.h"
#include "cache/pool.h"

#include "base/counters.h"
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { SIZE = POOL_PAGE, ROOM = 4 };

struct bench {
	char *directory;
	struct blocks *blocks;
	uint8_t *shared;
	size_t shared_size;
	atomic_int hurried;
};

static struct bench bench;

static void note_hurry(struct block_filler *filler)
{
	(void)filler;
	atomic_fetch_add(&bench.hurried, 1);
}

static struct block_filler calm = {false, note_hurry};
static struct block_filler urgent = {true, note_hurry};

static void make(uint64_t budget, uint64_t spill)
{
	struct blocks_config config = {.budget = budget,
				       .spill = spill,
				       .directory = bench.directory,
				       .patience = 30};
	struct stat st;

	assert_int_equal(blocks_create(&config, &bench.blocks), 0);
	assert_int_equal(fstat(blocks_fd(bench.blocks), &st), 0);
	bench.shared_size = (size_t)st.st_size;
	bench.shared = mmap(NULL, bench.shared_size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, blocks_fd(bench.blocks), 0);
	assert_true(bench.shared != MAP_FAILED);
}

static int set_up(void **state)
{
	(void)state;
	bench = (struct bench){.directory = scratch_make()};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	blocks_destroy(bench.blocks);
	munmap(bench.shared, bench.shared_size);
	scratch_remove(bench.directory);
	return 0;
}

static struct block_id id_of(uint64_t index)
{
	return (struct block_id){.stream = {{42}}, .index = index};
}

static enum block_answer acquire(uint64_t index, struct block_filler *filler,
				 struct block **block)
{
	struct block_id id = id_of(index);

	return blocks_acquire(bench.blocks, &id, SIZE, false, filler, block);
}

static void fill(struct block *block, uint64_t index)
{
	memset(bench.shared + block_offset(block), (int)index, SIZE);
	blocks_filled(bench.blocks, block, true);
}

static void make_large_or_not(uint64_t index, bool large)
{
	struct block_id id = id_of(index);
	struct block *block;

	assert_int_equal(
		blocks_acquire(bench.blocks, &id, SIZE, large, &calm, &block),
		BLOCK_FILL);
	fill(block, index);
	blocks_release(bench.blocks, block);
}

static void make_one(uint64_t index)
{
	make_large_or_not(index, false);
}

static bool has(uint64_t index)
{
	struct block_id id = id_of(index);

	return blocks_has(bench.blocks, &id);
}

static void check_read(uint64_t index)
{
	struct block_id id = id_of(index);
	uint8_t bytes[100];

	assert_int_equal(blocks_read(bench.blocks, &id, SIZE - 60, bytes, 100),
			 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(bytes[i], (uint8_t)index);
}

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
	while (atomic_load(&bench.hurried) == 0)
		usleep(1000);
	fill(block, 1);
	blocks_release(bench.blocks, block);
	for (int i = 0; i < 4; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].answer, BLOCK_READY);
		assert_int_equal(waiters[i].byte, 1);
	}
	assert_int_equal(atomic_load(&bench.hurried), 1);
}

static void what_one_gives_up_another_makes(void **state)
{
	struct waiter waiter;
	struct block *block;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	start(&waiter, &urgent);
	while (atomic_load(&bench.hurried) == 0)
		usleep(1000);
	blocks_release(bench.blocks, block);
	pthread_join(waiter.thread, NULL);
	assert_int_equal(waiter.answer, BLOCK_FILL);
	assert_int_equal(waiter.byte, 77);
	assert_true(has(1));
}

static void what_is_for_its_holder_only_nobody_finds(void **state)
{
	struct block *block, *other;

	(void)state;
	make(ROOM * SIZE, 0);
	assert_int_equal(acquire(1, &calm, &block), BLOCK_FILL);
	blocks_filled(bench.blocks, block, false);
	assert_false(has(1));
	assert_int_equal(acquire(1, &calm, &other), BLOCK_FILL);
	blocks_release(bench.blocks, block);
	fill(other, 1);
	blocks_release(bench.blocks, other);
	check_read(1);
	assert_int_equal(blocks_used(bench.blocks), SIZE);
}

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
	make_large_or_not(1, true);
	make_large_or_not(2, true);
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
	memset(buffer_address(bytes, 0), 3, SIZE);
	assert_int_equal(blocks_add_loose(bench.blocks, &id, bytes, &block), 0);
	check_read(3);
	assert_int_equal(buffer_create("loose", SIZE, &again), 0);
	assert_int_equal(blocks_add_loose(bench.blocks, &id, again, &other),
			 -EEXIST);
	buffer_close(again);
	assert_int_equal(acquire(3, &calm, &other), BLOCK_NONE);
	blocks_release(bench.blocks, block);
	assert_false(has(3));
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
		test(what_is_for_its_holder_only_nobody_finds),
		test(the_least_recently_used_goes_first),
		test(what_is_held_stays),
		test(large_things_give_way_first),
		test(what_is_pushed_out_is_still_there),
		test(the_oldest_on_disk_is_forgotten),
		test(without_a_budget_nothing_is_lent),
		test(a_loose_block_ends_with_its_holder),
		test(a_smaller_budget_pushes_out),
		test(many_share_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
