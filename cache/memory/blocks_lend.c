/*
 * Lending: an asker gets the block, or makes it, or waits for whoever does.
 * Copying out of blocks is a short loan.
 */
#include "cache/memory/blocks_private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "cache/memory/buffer_metrics.h"
#include "cache/memory/pool.h"
#include "cache/memory/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static struct block *make_block(const struct block_id *id, size_t size,
				enum block_state state)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		return NULL;
	block->id = *id;
	block->size = size;
	block->holders = 1;
	block->state = state;
	return block;
}

/*
 * Finds the block, once nobody works on it any more; NULL: there is none.
 * False: that took too long. Releases the lock meanwhile.
 */
static bool find_idle_locked(struct blocks *blocks, const struct block_id *id,
			     const struct block_filler *asker,
			     struct block **found)
{
	struct timespec deadline =
		clock_after_ms(1000 * (int64_t)blocks->patience);
	struct block_filler *promoted = NULL;
	struct block *block;
	int err = 0;

	while ((block = blocks_find_locked(blocks, id)) &&
	       block->state != BLOCK_IS_READY && err != ETIMEDOUT &&
	       !blocks->stopping) {
		struct block_filler *filler = block->filler;

		if (asker->urgent && filler && filler != promoted) {
			promoted = filler;
			pthread_mutex_unlock(&blocks->lock);
			filler->promote(filler);
			pthread_mutex_lock(&blocks->lock);
		} else {
			err = pthread_cond_timedwait(&blocks->changed,
						     &blocks->lock, &deadline);
		}
	}
	*found = block;
	return !block || block->state == BLOCK_IS_READY;
}

/* It did not fit: whoever waits for it may try for himself. */
static void withdraw(struct blocks *blocks, struct block *block)
{
	pthread_mutex_lock(&blocks->lock);
	blocks_unlist_locked(block);
	pthread_cond_broadcast(&blocks->changed);
	pthread_mutex_unlock(&blocks->lock);
	free(block);
}

static enum block_answer begin_filling(struct blocks *blocks,
				       struct block *block, struct block **held)
{
	uint64_t offset;

	if (blocks_make_room(blocks, block->size, &offset) != 0) {
		withdraw(blocks, block);
		return BLOCK_NONE;
	}
	pthread_mutex_lock(&blocks->lock);
	block->pool_offset = offset;
	block->in_pool = true;
	pthread_mutex_unlock(&blocks->lock);
	block->began_ns = clock_ns();
	*held = block;
	return BLOCK_FILL;
}

static enum block_answer take_found(struct blocks *blocks, struct block *block,
				    struct block **held)
{
	if (block->for_now || !blocks_bring_back(blocks, block)) {
		blocks_release(blocks, block);
		return BLOCK_NONE;
	}
	count(blocks_hit);
	*held = block;
	return BLOCK_READY;
}

enum block_answer blocks_acquire(struct blocks *blocks,
				 const struct block_id *id, size_t size,
				 enum block_priority priority,
				 struct block_filler *filler,
				 struct block **held)
{
	struct block *mine = make_block(id, size, BLOCK_IS_FILLING);
	struct block *block;
	bool idle;

	if (!mine)
		return BLOCK_NONE;
	mine->large = priority != BLOCK_OF_FEW;
	mine->passing = priority == BLOCK_PASSING;
	mine->filler = filler;
	pthread_mutex_lock(&blocks->lock);
	idle = find_idle_locked(blocks, id, filler, &block);
	if (idle && block) {
		blocks_hold_locked(blocks, block);
		block->passing &= priority == BLOCK_PASSING;
	} else if (idle) {
		blocks_list_locked(blocks, mine);
	}
	pthread_mutex_unlock(&blocks->lock);
	buffer_count_lookup(pool_metrics(blocks->pool), idle && block);
	if (idle && !block)
		return begin_filling(blocks, mine, held);
	free(mine);
	return idle ? take_found(blocks, block, held) : BLOCK_NONE;
}

void blocks_filled(struct blocks *blocks, struct block *block, bool keep)
{
	int64_t took = clock_ns() - block->began_ns;

	pthread_mutex_lock(&blocks->lock);
	assert(block->state == BLOCK_IS_FILLING);
	block->state = BLOCK_IS_READY;
	block->filler = NULL;
	block->for_now = !keep;
	pthread_cond_broadcast(&blocks->changed);
	pthread_mutex_unlock(&blocks->lock);
	buffer_count_write(pool_metrics(blocks->pool), (ssize_t)block->size,
			   took);
}

void blocks_forget(struct blocks *blocks, struct block *block)
{
	auto_lock(&blocks->lock);

	blocks_unlist_locked(block);
}

int blocks_add_loose(struct blocks *blocks, const struct block_id *id,
		     struct buffer *bytes, struct block **held)
{
	struct block *block =
		make_block(id, buffer_size(bytes), BLOCK_IS_READY);
	struct block *other;
	bool taken;

	if (!block)
		return -ENOMEM;
	block->loose = bytes;
	block->for_now = true;
	pthread_mutex_lock(&blocks->lock);
	other = blocks_find_locked(blocks, id);
	taken = other && other->state != BLOCK_IS_FILLING;
	if (other && !taken)
		blocks_unlist_locked(other);
	if (!taken)
		blocks_list_locked(blocks, block);
	pthread_cond_broadcast(&blocks->changed);
	pthread_mutex_unlock(&blocks->lock);
	if (taken) {
		free(block);
		return -EEXIST;
	}
	*held = block;
	return 0;
}

bool blocks_has(struct blocks *blocks, const struct block_id *id)
{
	auto_lock(&blocks->lock);
	const struct block *block = blocks_find_locked(blocks, id);
	bool has = block && block->state == BLOCK_IS_READY;

	return has;
}

/* A block that is READY, and held from now on; its current place. */
static struct block *hold_ready(struct blocks *blocks,
				const struct block_id *id, bool *in_pool)
{
	auto_lock(&blocks->lock);
	struct block *block = blocks_find_locked(blocks, id);

	if (block && block->state != BLOCK_IS_READY)
		block = NULL;
	if (block) {
		blocks_hold_locked(blocks, block);
		block->passing = false;
		*in_pool = block->in_pool;
	}
	return block;
}

/* The old place of a block that moves stays intact while the block is held. */
static ssize_t read_block(struct blocks *blocks, const struct block *block,
			  bool in_pool, uint64_t offset, void *bytes,
			  size_t size)
{
	if (block->loose)
		return buffer_read(block->loose, offset, bytes, size);
	if (in_pool)
		return pool_read(blocks->pool, block->pool_offset + offset,
				 bytes, size);
	return stream_read(blocks->stream, block->stream_offset + offset, bytes,
			   size);
}

ssize_t blocks_read(struct blocks *blocks, const struct block_id *id,
		    uint64_t offset, void *bytes, size_t size)
{
	bool in_pool;
	struct block *block = hold_ready(blocks, id, &in_pool);
	ssize_t n = 0;

	if (!block)
		return 0;
	if (offset < block->size) {
		if (size > block->size - offset)
			size = (size_t)(block->size - offset);
		n = read_block(blocks, block, in_pool, offset, bytes, size);
	}
	if (n > 0)
		count(blocks_hit);
	if (n < 0) /* what the disk does not return is made again */
		blocks_forget(blocks, block);
	blocks_release(blocks, block);
	return n < 0 ? 0 : n;
}
