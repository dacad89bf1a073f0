/*
 * Blocks: a table by name, and who holds what. Making and reading them is in
 * blocks_lend.c; where their bytes are, and how they move between the pool and
 * the disk, in blocks_move.c.
 *
 * No I/O happens under the lock. A block is in a queue only while nobody holds
 * it, so the first of a queue can always go.
 */
#include "cache/memory/blocks_private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cache/memory/pool.h"
#include "cache/memory/stream.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>

static struct block_list *bucket_of(struct blocks *blocks,
				    const struct block_id *id)
{
	uint64_t hash;

	memcpy(&hash, id->stream.bytes, sizeof(hash));
	hash ^= id->index * 0x9e3779b97f4a7c15u;
	return &blocks->buckets[hash % BLOCKS_BUCKETS];
}

struct block *blocks_find_locked(struct blocks *blocks,
				 const struct block_id *id)
{
	struct block *block;

	LIST_FOREACH (block, bucket_of(blocks, id), link) {
		if (block_id_equal(&block->id, id))
			return block;
	}
	return NULL;
}

void blocks_list_locked(struct blocks *blocks, struct block *block)
{
	LIST_INSERT_HEAD(bucket_of(blocks, &block->id), block, link);
	block->listed = true;
}

void blocks_unlist_locked(struct block *block)
{
	if (block->listed)
		LIST_REMOVE(block, link);
	block->listed = false;
}

static struct block_queue *queue_of(struct blocks *blocks,
				    const struct block *block)
{
	if (!block->in_pool)
		return &blocks->pushed;
	return block->large ? &blocks->large : &blocks->small;
}

void blocks_hold_locked(struct blocks *blocks, struct block *block)
{
	struct block_queue *queue = queue_of(blocks, block);

	if (block->holders++ > 0)
		return;
	TAILQ_REMOVE(queue, block, order);
	if (queue == &blocks->large)
		blocks->large_bytes -= block->size;
}

static void enqueue_locked(struct blocks *blocks, struct block *block)
{
	struct block_queue *queue = queue_of(blocks, block);

	block->used = ++blocks->clock;
	TAILQ_INSERT_TAIL(queue, block, order);
	if (queue == &blocks->large)
		blocks->large_bytes += block->size;
}

void blocks_free(struct blocks *blocks, struct block *block)
{
	if (block->in_pool)
		pool_give_back(blocks->pool, block->pool_offset, block->size);
	if (block->in_stream)
		stream_give_back(blocks->stream, block->stream_offset,
				 block->size);
	buffer_destroy(block->loose);
	free(block);
}

int blocks_create(const struct blocks_config *config, struct blocks **blocks)
{
	struct blocks *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	pthread_mutex_init(&b->lock, NULL);
	clock_init_cond(&b->changed);
	TAILQ_INIT(&b->small);
	TAILQ_INIT(&b->large);
	TAILQ_INIT(&b->pushed);
	b->patience = config->patience;
	b->min_free = config->min_free;
	b->directory =
		open(config->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = b->directory < 0 ? -errno : 0;
	if (!err)
		err = pool_create("decoded audio", config->budget, &b->pool);
	if (!err)
		err = stream_create("decoded audio", config->directory,
				    config->spill, &b->stream);
	if (err) {
		blocks_destroy(b);
		return err;
	}
	*blocks = b;
	return 0;
}

static void free_queue(struct blocks *blocks, struct block_queue *queue)
{
	struct block *block;

	while ((block = TAILQ_FIRST(queue))) {
		TAILQ_REMOVE(queue, block, order);
		blocks_unlist_locked(block);
		blocks_free(blocks, block);
	}
}

void blocks_destroy(struct blocks *blocks)
{
	if (!blocks)
		return;
	free_queue(blocks, &blocks->small);
	free_queue(blocks, &blocks->large);
	free_queue(blocks, &blocks->pushed);
	for (unsigned i = 0; i < BLOCKS_BUCKETS; i++)
		assert(LIST_EMPTY(&blocks->buckets[i]));
	pool_destroy(blocks->pool);
	stream_destroy(blocks->stream);
	if (blocks->directory >= 0)
		close(blocks->directory);
	pthread_cond_destroy(&blocks->changed);
	pthread_mutex_destroy(&blocks->lock);
	free(blocks);
}

int blocks_fd(const struct blocks *blocks)
{
	return pool_fd(blocks->pool);
}

bool block_in_pool(const struct block *block)
{
	return !block->loose;
}

bool block_is_filling(const struct block *block)
{
	return block->state == BLOCK_IS_FILLING;
}

uint64_t block_offset(const struct block *block)
{
	return block->pool_offset;
}

const struct block_id *block_id_of(const struct block *block)
{
	return &block->id;
}

/* The last holder releases it: true if nobody can find the block any more. */
static bool let_go_locked(struct blocks *blocks, struct block *block,
			  bool *twice)
{
	*twice = false;
	if (--block->holders > 0)
		return false;
	if (!block->listed || block->for_now) {
		blocks_unlist_locked(block);
		return true;
	}
	*twice = block->in_pool && block->in_stream;
	if (*twice)
		block->in_stream = false;
	enqueue_locked(blocks, block);
	return false;
}

void blocks_let_go(struct blocks *blocks, struct block *block)
{
	uint64_t stream_offset;
	size_t size;
	bool gone, twice;

	pthread_mutex_lock(&blocks->lock);
	assert(block->holders > 0);
	if (block->state == BLOCK_IS_FILLING) {
		blocks_unlist_locked(block);
		pthread_cond_broadcast(&blocks->changed);
	}
	stream_offset = block->stream_offset;
	size = block->size;
	gone = let_go_locked(blocks, block, &twice);
	pthread_mutex_unlock(&blocks->lock);
	if (gone)
		blocks_free(blocks, block);
	if (twice)
		stream_give_back(blocks->stream, stream_offset, size);
}

void blocks_release(struct blocks *blocks, struct block *block)
{
	blocks_let_go(blocks, block);
	blocks_trim(blocks);
}

void blocks_set_budget(struct blocks *blocks, uint64_t budget)
{
	pool_set_budget(blocks->pool, budget);
	blocks_trim(blocks);
}

void blocks_look_again(struct blocks *blocks)
{
	auto_lock(&blocks->lock);

	pthread_cond_broadcast(&blocks->changed);
}

void blocks_stop(struct blocks *blocks)
{
	auto_lock(&blocks->lock);

	blocks->stopping = true;
	pthread_cond_broadcast(&blocks->changed);
}

uint64_t blocks_budget(struct blocks *blocks)
{
	return pool_budget(blocks->pool);
}

uint64_t blocks_used(struct blocks *blocks)
{
	return pool_used(blocks->pool);
}
