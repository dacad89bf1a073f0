/* A set of blocks, and its user's view of the shared memory. */
#ifndef TESTS_BLOCKS_BENCH_H
#define TESTS_BLOCKS_BENCH_H

#include "cache/memory/blocks.h"
#include "cache/memory/pool.h"

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
	atomic_int promoted;
};

static struct bench bench;

static inline void note_hurry(struct block_filler *filler)
{
	(void)filler;
	atomic_fetch_add(&bench.promoted, 1);
}

static struct block_filler calm = {false, note_hurry};

static inline void make(uint64_t budget, uint64_t spill)
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

static inline int set_up(void **state)
{
	(void)state;
	bench = (struct bench){.directory = scratch_make()};
	return 0;
}

static inline int tear_down(void **state)
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

static inline enum block_answer
acquire(uint64_t index, struct block_filler *filler, struct block **block)
{
	struct block_id id = id_of(index);

	return blocks_acquire(bench.blocks, &id, SIZE, BLOCK_OF_FEW, filler,
			      block);
}

static inline void fill(struct block *block, uint64_t index)
{
	memset(bench.shared + block_offset(block), (int)index, SIZE);
	blocks_filled(bench.blocks, block, true);
}

static inline void make_worth(uint64_t index, enum block_priority priority)
{
	struct block_id id = id_of(index);
	struct block *block;

	assert_int_equal(blocks_acquire(bench.blocks, &id, SIZE, priority,
					&calm, &block),
			 BLOCK_FILL);
	fill(block, index);
	blocks_release(bench.blocks, block);
}

static inline void make_one(uint64_t index)
{
	make_worth(index, BLOCK_OF_FEW);
}

static inline bool has(uint64_t index)
{
	struct block_id id = id_of(index);

	return blocks_has(bench.blocks, &id);
}

static inline void check_read(uint64_t index)
{
	struct block_id id = id_of(index);
	uint8_t bytes[100];

	assert_int_equal(blocks_read(bench.blocks, &id, SIZE - 60, bytes, 100),
			 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(bytes[i], (uint8_t)index);
}

#endif
