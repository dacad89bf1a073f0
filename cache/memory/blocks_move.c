/*
 * Where blocks are: in the pool, on disk, or in both while somebody holds one
 * that came back. A block that is being moved is MOVING, and whoever wants it
 * waits.
 *
 *    make room:  READY -> MOVING -> written to the stream -> READY, on disk
 *                               \-> no room there -> gone
 *    bring back: READY, on disk -> MOVING -> read into the pool -> READY
 */
#include "cache/memory/blocks_private.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "cache/io.h"
#include "cache/memory/pool.h"
#include "cache/memory/stream.h"

#include <assert.h>
#include <errno.h>

/* The part of the budget that blocks of large tracks may keep. */
enum { LARGE_SHARE = 4 };

static struct block *first_locked(struct blocks *blocks)
{
	struct block *large = TAILQ_FIRST(&blocks->large);
	struct block *small = TAILQ_FIRST(&blocks->small);

	if (!large || !small)
		return large ? large : small;
	if (blocks->large_bytes > pool_budget(blocks->pool) / LARGE_SHARE)
		return large;
	return large->used < small->used ? large : small;
}

/* Takes the block that goes first; it is then MOVING and ours. */
static struct block *take_first(struct blocks *blocks)
{
	auto_lock(&blocks->lock);
	struct block *block = first_locked(blocks);

	if (block) {
		blocks_hold_locked(blocks, block);
		block->state = BLOCK_IS_MOVING;
	}
	return block;
}

/* Forgets the block that has been on disk for the longest time. */
static bool drop_pushed(struct blocks *blocks)
{
	struct block *block;

	pthread_mutex_lock(&blocks->lock);
	block = TAILQ_FIRST(&blocks->pushed);
	if (block) {
		TAILQ_REMOVE(&blocks->pushed, block, order);
		blocks_unlist_locked(block);
	}
	pthread_mutex_unlock(&blocks->lock);
	if (!block)
		return false;
	count(blocks_evicted);
	blocks_free(blocks, block);
	return true;
}

static int take_stream(struct blocks *blocks, size_t size, uint64_t *offset)
{
	int err;

	if (size > stream_limit(blocks->stream) ||
	    io_room(blocks->directory, blocks->min_free) < size)
		return -ENOSPC;
	do {
		err = stream_take(blocks->stream, size, offset);
	} while (err == -ENOSPC && drop_pushed(blocks));
	return err;
}

static int write_to_stream(struct blocks *blocks, struct block *block,
			   uint64_t *offset)
{
	const uint8_t *bytes = pool_address(blocks->pool, block->pool_offset);
	int err = take_stream(blocks, block->size, offset);

	if (err)
		return err;
	err = stream_write(blocks->stream, *offset, bytes, block->size);
	if (err)
		stream_give_back(blocks->stream, *offset, block->size);
	return err;
}

/* Nobody but us holds the block, which is MOVING. */
static void push_out(struct blocks *blocks, struct block *block)
{
	uint64_t pool_offset = block->pool_offset;
	size_t size = block->size;
	uint64_t offset;
	int err = block->passing ? -ENOSPC
				 : write_to_stream(blocks, block, &offset);

	pthread_mutex_lock(&blocks->lock);
	assert(block->holders == 1 && !block->in_stream);
	if (err) {
		blocks_unlist_locked(block);
	} else {
		block->in_pool = false;
		block->in_stream = true;
		block->stream_offset = offset;
	}
	block->state = BLOCK_IS_READY;
	pthread_cond_broadcast(&blocks->changed);
	pthread_mutex_unlock(&blocks->lock);
	if (err) {
		count(blocks_evicted);
	} else {
		count(blocks_pushed);
		pool_give_back(blocks->pool, pool_offset, size);
	}
}

static bool push_out_first(struct blocks *blocks)
{
	struct block *block = take_first(blocks);

	if (!block)
		return false;
	push_out(blocks, block);
	blocks_let_go(blocks, block);
	return true;
}

int blocks_make_room(struct blocks *blocks, size_t size, uint64_t *offset)
{
	int err;

	if (size > pool_budget(blocks->pool))
		return -ENOSPC;
	do {
		err = pool_take(blocks->pool, size, offset);
	} while (err && push_out_first(blocks));
	return err;
}

static bool read_back(struct blocks *blocks, const struct block *block,
		      uint64_t offset)
{
	return stream_read(blocks->stream, block->stream_offset,
			   pool_address(blocks->pool, offset),
			   block->size) == (ssize_t)block->size;
}

/* Reads it from the stream; the block is MOVING. */
static bool fetch(struct blocks *blocks, struct block *block)
{
	uint64_t offset;
	bool right;

	if (blocks_make_room(blocks, block->size, &offset) != 0)
		return false;
	right = read_back(blocks, block, offset);
	pthread_mutex_lock(&blocks->lock);
	if (right) {
		block->pool_offset = offset;
		block->in_pool = true;
	} else {
		blocks_unlist_locked(block);
	}
	pthread_mutex_unlock(&blocks->lock);
	if (!right)
		pool_give_back(blocks->pool, offset, block->size);
	return right;
}

/* One of several holders moves it, the others wait for that one. */
static bool begin_move(struct blocks *blocks, struct block *block)
{
	bool needed;
	auto_lock(&blocks->lock);

	while (block->state == BLOCK_IS_MOVING)
		pthread_cond_wait(&blocks->changed, &blocks->lock);
	needed = !block->in_pool && !block->loose;
	if (needed)
		block->state = BLOCK_IS_MOVING;
	return needed;
}

bool blocks_bring_back(struct blocks *blocks, struct block *block)
{
	bool there;

	if (!begin_move(blocks, block))
		return !block->loose;
	there = fetch(blocks, block);
	auto_lock(&blocks->lock);
	block->state = BLOCK_IS_READY;
	pthread_cond_broadcast(&blocks->changed);
	return there;
}

void blocks_trim(struct blocks *blocks)
{
	while (pool_used(blocks->pool) > pool_budget(blocks->pool) &&
	       push_out_first(blocks))
		;
}
