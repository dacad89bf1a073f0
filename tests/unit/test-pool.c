/* The pool: its budget, its memory, and who may see what is in it. */
#include "cache/memory/pool.h"

#include "buffers_shown.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int refuse_memory; /* an errno, 0: the system has memory */

/* In place of libc's: a system without memory. */
int fallocate(int fd, int mode, off_t offset, off_t size)
{
	if (refuse_memory && !(mode & FALLOC_FL_PUNCH_HOLE)) {
		errno = refuse_memory;
		return -1;
	}
	return (int)syscall(SYS_fallocate, fd, mode, offset, size);
}

static struct pool *make_named_pool(const char *name, unsigned pages)
{
	struct pool *pool;

	assert_int_equal(pool_create(name, pages * POOL_PAGE, &pool), 0);
	return pool;
}

static struct pool *make_pool(unsigned pages)
{
	return make_named_pool("test", pages);
}

static uint64_t take(struct pool *pool, size_t size)
{
	uint64_t offset;

	assert_int_equal(pool_take(pool, size, &offset), 0);
	return offset;
}

/* Bytes of memory that the system has given. */
static uint64_t resident(const struct pool *pool)
{
	struct stat st;

	assert_int_equal(fstat(pool_fd(pool), &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void an_empty_pool_has_no_memory(void **state)
{
	struct pool *pool = make_pool(16);

	(void)state;
	assert_int_equal(pool_used(pool), 0);
	assert_int_equal(resident(pool), 0);
	assert_int_equal(pool_budget(pool), 16 * POOL_PAGE);
	pool_destroy(pool);
}

static void a_full_pool_gives_nothing(void **state)
{
	struct pool *pool = make_named_pool(__func__, 4);
	uint64_t offset = 77;

	(void)state;
	take(pool, 3 * POOL_PAGE);
	take(pool, 1);
	assert_int_equal(pool_take(pool, 1, &offset), -ENOSPC);
	assert_int_equal(offset, 77);
	assert_shown(__func__, "state", "full");
	pool_destroy(pool);
}

static void a_pool_without_a_budget_gives_nothing(void **state)
{
	struct pool *pool = make_pool(0);
	uint64_t offset;

	(void)state;
	assert_int_equal(pool_take(pool, 1, &offset), -ENOSPC);
	assert_non_null(pool_address(pool, 0));
	pool_destroy(pool);
}

static void a_full_pool_is_no_error(void **state)
{
	struct pool *pool = make_named_pool(__func__, 1);
	uint64_t offset;

	(void)state;
	assert_int_equal(pool_take(pool, 2 * POOL_PAGE, &offset), -ENOSPC);
	assert_shown(__func__, "errors", "0");
	assert_shown(__func__, "state", "ready");
	pool_destroy(pool);
}

static void memory_is_there_as_soon_as_it_is_taken(void **state)
{
	struct pool *pool = make_named_pool(__func__, 16);

	(void)state;
	take(pool, 2 * POOL_PAGE + 1);
	assert_int_equal(resident(pool), 3 * POOL_PAGE);
	assert_int_equal(pool_used(pool), 3 * POOL_PAGE);
	assert_shown(__func__, "memory", "196608");
	pool_destroy(pool);
}

static void what_is_given_back_returns_to_the_system(void **state)
{
	struct pool *pool = make_pool(16);
	uint64_t a = take(pool, 5 * POOL_PAGE - 1);
	uint64_t b = take(pool, 2 * POOL_PAGE);

	(void)state;
	memset(pool_address(pool, a), 1, 5 * POOL_PAGE - 1);
	memset(pool_address(pool, b), 2, 2 * POOL_PAGE);
	pool_give_back(pool, a, 5 * POOL_PAGE - 1);
	assert_int_equal(resident(pool), 2 * POOL_PAGE);
	assert_int_equal(pool_used(pool), 2 * POOL_PAGE);
	assert_int_equal(*pool_address(pool, b), 2);
	assert_int_equal(*pool_address(pool, b + 2 * POOL_PAGE - 1), 2);
	pool_destroy(pool);
}

static void another_mapping_sees_the_same_bytes(void **state)
{
	struct pool *pool = make_pool(8);
	uint64_t offset;
	struct stat st;
	char *map;

	(void)state;
	assert_int_equal(fstat(pool_fd(pool), &st), 0);
	take(pool, 3 * POOL_PAGE);
	offset = take(pool, POOL_PAGE);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		   pool_fd(pool), 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	strcpy((char *)pool_address(pool, offset), "hello");
	assert_string_equal(map + offset, "hello");
	munmap(map, (size_t)st.st_size);
	pool_destroy(pool);
}

static void the_memory_cannot_be_resized(void **state)
{
	struct pool *pool = make_pool(8);

	(void)state;
	assert_int_equal(ftruncate(pool_fd(pool), 0), -1);
	assert_int_equal(ftruncate(pool_fd(pool), 1 << 30), -1);
	pool_destroy(pool);
}

static void nothing_is_read_where_nothing_is_taken(void **state)
{
	struct pool *pool = make_pool(8);
	uint64_t offset = take(pool, POOL_PAGE);
	char bytes[2] = {0};

	(void)state;
	assert_int_equal(pool_read(pool, offset + POOL_PAGE - 2, bytes, 2), 2);
	assert_int_equal(pool_read(pool, offset + POOL_PAGE - 1, bytes, 2),
			 -ENXIO);
	assert_int_equal(pool_read(pool, 5 * POOL_PAGE, bytes, 1), -ENXIO);
	assert_int_equal(pool_read(pool, UINT64_MAX, bytes, 1), -ENXIO);
	assert_int_equal(resident(pool), POOL_PAGE);
	pool_destroy(pool);
}

static void a_smaller_budget_stops_taking_until_it_fits(void **state)
{
	struct pool *pool = make_named_pool(__func__, 8);
	uint64_t first = take(pool, 4 * POOL_PAGE), offset;

	(void)state;
	take(pool, 2 * POOL_PAGE);
	pool_set_budget(pool, 3 * POOL_PAGE);
	assert_int_equal(pool_budget(pool), 3 * POOL_PAGE);
	assert_int_equal(pool_used(pool), 6 * POOL_PAGE);
	assert_int_equal(pool_take(pool, 1, &offset), -ENOSPC);
	assert_shown(__func__, "state", "full");
	pool_give_back(pool, first, 4 * POOL_PAGE);
	take(pool, 1);
	assert_int_equal(pool_take(pool, 1, &offset), -ENOSPC);
	pool_destroy(pool);
}

static void the_budget_grows_again_but_not_beyond_the_first(void **state)
{
	struct pool *pool = make_pool(8);

	(void)state;
	pool_set_budget(pool, 0);
	pool_set_budget(pool, 100 * POOL_PAGE);
	assert_int_equal(pool_budget(pool), 8 * POOL_PAGE);
	take(pool, 8 * POOL_PAGE);
	pool_destroy(pool);
}

/* All pages were in use, every other one is free again. */
static void scattered_pages_do_not_stand_in_the_way_of_a_run(void **state)
{
	struct pool *pool = make_pool(64);
	uint64_t offsets[64], offset;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		offsets[i] = take(pool, POOL_PAGE);
	for (unsigned i = 0; i < 64; i += 2)
		pool_give_back(pool, offsets[i], POOL_PAGE);
	offset = take(pool, 32 * POOL_PAGE);
	memset(pool_address(pool, offset), 1, 32 * POOL_PAGE);
	assert_int_equal(resident(pool), 64 * POOL_PAGE);
	pool_destroy(pool);
}

static void without_memory_taking_fails_and_holds_nothing(void **state)
{
	struct pool *pool = make_named_pool(__func__, 8);
	uint64_t offset = 77;

	(void)state;
	refuse_memory = ENOMEM;
	assert_int_equal(pool_take(pool, POOL_PAGE, &offset), -ENOMEM);
	refuse_memory = 0;
	assert_int_equal(offset, 77);
	assert_int_equal(pool_used(pool), 0);
	assert_shown(__func__, "errors", "1");
	assert_shown(__func__, "last_error", "ENOMEM");
	assert_shown(__func__, "state", "failed");
	take(pool, 8 * POOL_PAGE);
	assert_shown(__func__, "errors", "1");
	assert_shown(__func__, "state", "full");
	pool_destroy(pool);
}

#define CROWD_PAGES 40

struct crowd {
	struct pool *pool;
	uint64_t budget;       /* bytes, immutable */
	_Atomic uint64_t held; /* bytes in whole pages */
	atomic_uint beyond;    /* times that more was held */
	atomic_uint wrong;     /* bytes that somebody else wrote */
	atomic_uint taken;
	atomic_uint number; /* of the next thread */
	uint64_t seed;
};

static void use_run(struct crowd *crowd, uint64_t offset, uint64_t pages,
		    uint8_t mark)
{
	uint8_t *bytes = pool_address(crowd->pool, offset);

	for (uint64_t page = 0; page < pages; page++)
		bytes[page * POOL_PAGE] = mark;
	for (uint64_t page = 0; page < pages; page++)
		crowd->wrong += bytes[page * POOL_PAGE] != mark;
}

static void *take_and_give_back(void *argument)
{
	struct crowd *crowd = argument;
	unsigned number = ++crowd->number;
	uint64_t seed = crowd->seed + number;

	for (int i = 0; i < 2000; i++) {
		uint64_t pages = 1 + scratch_random(&seed) % 16;
		uint64_t size = pages * POOL_PAGE, offset, held;

		if (pool_take(crowd->pool, size, &offset) < 0)
			continue;
		crowd->taken++;
		held = atomic_fetch_add(&crowd->held, size) + size;
		crowd->beyond += held > crowd->budget;
		crowd->beyond += pool_used(crowd->pool) > crowd->budget;
		use_run(crowd, offset, pages, (uint8_t)number);
		crowd->held -= size;
		pool_give_back(crowd->pool, offset, size);
	}
	return NULL;
}

static void run_crowd(struct crowd *crowd)
{
	pthread_t threads[4];

	crowd->seed = scratch_seed();
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						take_and_give_back, crowd),
				 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void four_threads_never_exceed_the_budget(void **state)
{
	struct crowd crowd = {
		.pool = make_pool(CROWD_PAGES),
		.budget = CROWD_PAGES * POOL_PAGE,
	};

	(void)state;
	run_crowd(&crowd);
	assert_true(crowd.taken > 0);
	assert_int_equal(crowd.beyond, 0);
	assert_int_equal(crowd.wrong, 0);
	assert_int_equal(pool_used(crowd.pool), 0);
	assert_int_equal(resident(crowd.pool), 0);
	pool_destroy(crowd.pool);
}

static void four_threads_keep_to_a_budget_that_was_shrunk(void **state)
{
	struct crowd crowd = {
		.pool = make_pool(CROWD_PAGES),
		.budget = 17 * POOL_PAGE,
	};

	(void)state;
	pool_set_budget(crowd.pool, crowd.budget);
	run_crowd(&crowd);
	assert_true(crowd.taken > 0);
	assert_int_equal(crowd.beyond, 0);
	assert_int_equal(crowd.wrong, 0);
	pool_destroy(crowd.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_pool_has_no_memory),
		cmocka_unit_test(a_full_pool_gives_nothing),
		cmocka_unit_test(a_pool_without_a_budget_gives_nothing),
		cmocka_unit_test(a_full_pool_is_no_error),
		cmocka_unit_test(memory_is_there_as_soon_as_it_is_taken),
		cmocka_unit_test(what_is_given_back_returns_to_the_system),
		cmocka_unit_test(another_mapping_sees_the_same_bytes),
		cmocka_unit_test(the_memory_cannot_be_resized),
		cmocka_unit_test(nothing_is_read_where_nothing_is_taken),
		cmocka_unit_test(a_smaller_budget_stops_taking_until_it_fits),
		cmocka_unit_test(
			the_budget_grows_again_but_not_beyond_the_first),
		cmocka_unit_test(
			scattered_pages_do_not_stand_in_the_way_of_a_run),
		cmocka_unit_test(without_memory_taking_fails_and_holds_nothing),
		cmocka_unit_test(four_threads_never_exceed_the_budget),
		cmocka_unit_test(four_threads_keep_to_a_budget_that_was_shrunk),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
