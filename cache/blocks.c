/*
 * Blocks: a table by name, and who holds what. Where the bytes lie, and how
 * they go from memory to disk and back, is in blocks_move.c.
 *
 * No I/O happens under the lock. A block is in a queue only while nobody holds
 * it, so the first of a queue can always go.
 */
#include "cache/blocks_inner.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "cache/pool.h"
#include "cache/stream.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

static struct block_list *bucket_of(struct blocks *blocks,
				    const struct block_id *id)
{
	uint64_t hash;

	memcpy(&hash, id->stream.bytes, sizeof(hash));
	hash ^= id->index * 0x9e3779b97f4a7c15u;
	return &blocks->buckets[hash % BLOCKS_BUCKETS];
}

static bool same_id(const struct block_id *a, const struct block_id *b)
{
	return a->index == b->index &&
	       memcmp(&a->stream, &b->stream, sizeof(a->stream)) == 0;
}

static struct block *find_locked(struct blocks *blocks,
				 const struct block_id *id)
{
	struct block *block;

	LIST_FOREACH (block, bucket_of(blocks, id), link) {
		if (same_id(&block->id, id))
			return block;
	}
	return NULL;
}

static void list_locked(struct blocks *blocks, struct block *block)
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
	buffer_close(block->loose);
	free(block);
}

int blocks_create(const struct blocks_config *config, struct blocks **blocks)
{
	struct blocks *b = calloc(1, sizeof(*b));
	pthread_condattr_t monotonic;
	int err;

	if (!b)
		return -ENOMEM;
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
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
	buffer_close(blocks->pool);
	buffer_close(blocks->stream);
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

static struct timespec deadline_in(unsigned seconds)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	return deadline;
}

static uint64_t now_ns(void)
{
	struct timespec now = deadline_in(0);

	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * Finds the block, once nobody works at it any more; NULL when there is none.
 * False when that took too long. It gives up the lock meanwhile.
 */
static bool find_idle_locked(struct blocks *blocks, const struct block_id *id,
			     bool urgent, struct block **found)
{
	struct timespec deadline = deadline_in(blocks->patience);
	struct block_filler *hurried = NULL;
	struct block *block;
	int err = 0;

	while ((block = find_locked(blocks, id)) &&
	       block->state != BLOCK_IS_READY && err != ETIMEDOUT) {
		struct block_filler *filler = block->filler;

		if (urgent && filler && filler != hurried) {
			hurried = filler;
			pthread_mutex_unlock(&blocks->lock);
			filler->hurry(filler);
			pthread_mutex_lock(&blocks->lock);
		} else {
			err = pthread_cond_timedwait(&blocks->changed,
						     &blocks->lock, &deadline);
		}
	}
	*found = block;
	return !block || block->state == BLOCK_IS_READY;
}

/* It found no room: who waits for it may try for himself. */
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
	block->began_ns = now_ns();
	*held = block;
	return BLOCK_FILL;
}

static enum block_answer take_found(struct blocks *blocks, struct block *block,
				    struct block **held)
{
	count(blocks_hit);
	if (!blocks_bring_back(blocks, block)) {
		blocks_release(blocks, block);
		return BLOCK_NONE;
	}
	*held = block;
	return BLOCK_READY;
}

enum block_answer blocks_acquire(struct blocks *blocks,
				 const struct block_id *id, size_t size,
				 bool large, struct block_filler *filler,
				 struct block **held)
{
	struct block *mine = make_block(id, size, BLOCK_IS_FILLING);
	struct block *block;
	bool idle;

	if (!mine)
		return BLOCK_NONE;
	mine->large = large;
	mine->filler = filler;
	pthread_mutex_lock(&blocks->lock);
	idle = find_idle_locked(blocks, id, filler->urgent, &block);
	if (idle && block)
		blocks_hold_locked(blocks, block);
	else if (idle)
		list_locked(blocks, mine);
	pthread_mutex_unlock(&blocks->lock);
	buffer_count_lookup(blocks->pool, idle && block);
	if (idle && !block)
		return begin_filling(blocks, mine, held);
	free(mine);
	return idle ? take_found(blocks, block, held) : BLOCK_NONE;
}

void blocks_filled(struct blocks *blocks, struct block *block, bool keep)
{
	uint64_t took = now_ns() - block->began_ns;

	pthread_mutex_lock(&blocks->lock);
	assert(block->state == BLOCK_IS_FILLING);
	block->state = BLOCK_IS_READY;
	block->filler = NULL;
	if (!keep)
		blocks_unlist_locked(block);
	pthread_cond_broadcast(&blocks->changed);
	pthread_mutex_unlock(&blocks->lock);
	buffer_count_write(blocks->pool, block->size, took);
}

/* The last holder goes: true when nobody can come back to the block. */
static bool let_go_locked(struct blocks *blocks, struct block *block,
			  bool *twice)
{
	*twice = false;
	if (--block->holders > 0)
		return false;
	if (!block->listed || block->loose) {
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

int blocks_add_loose(struct blocks *blocks, const struct block_id *id,
		     struct buffer *bytes, struct block **held)
{
	struct block *block =
		make_block(id, buffer_size(bytes), BLOCK_IS_READY);
	bool taken;

	if (!block)
		return -ENOMEM;
	block->loose = bytes;
	pthread_mutex_lock(&blocks->lock);
	taken = find_locked(blocks, id) != NULL;
	if (!taken)
		list_locked(blocks, block);
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
	const struct block *block;
	bool has;

	pthread_mutex_lock(&blocks->lock);
	block = find_locked(blocks, id);
	has = block && block->state == BLOCK_IS_READY;
	pthread_mutex_unlock(&blocks->lock);
	return has;
}

/* Where a block that is READY lies, which is held from now on. */
static struct block *hold_ready(struct blocks *blocks,
				const struct block_id *id,
				struct buffer **place, uint64_t *start)
{
	struct block *block;

	pthread_mutex_lock(&blocks->lock);
	block = find_locked(blocks, id);
	if (block && block->state != BLOCK_IS_READY)
		block = NULL;
	if (block) {
		blocks_hold_locked(blocks, block);
		*place = block->loose	  ? block->loose
			 : block->in_pool ? blocks->pool
					  : blocks->stream;
		*start = block->loose	  ? 0
			 : block->in_pool ? block->pool_offset
					  : block->stream_offset;
	}
	pthread_mutex_unlock(&blocks->lock);
	return block;
}

static void forget(struct blocks *blocks, struct block *block)
{
	pthread_mutex_lock(&blocks->lock);
	blocks_unlist_locked(block);
	pthread_mutex_unlock(&blocks->lock);
}

ssize_t blocks_read(struct blocks *blocks, const struct block_id *id,
		    uint64_t offset, void *bytes, size_t size)
{
	struct buffer *place;
	uint64_t start;
	struct block *block = hold_ready(blocks, id, &place, &start);
	ssize_t n = 0;

	if (!block)
		return 0;
	if (offset < block->size) {
		if (size > block->size - offset)
			size = (size_t)(block->size - offset);
		n = buffer_read_at(place, start + offset, bytes, size);
	}
	if (n < 0) /* what the disk does not give back is made again */
		forget(blocks, block);
	blocks_release(blocks, block);
	return n < 0 ? 0 : n;
}

void blocks_set_budget(struct blocks *blocks, uint64_t budget)
{
	pool_set_budget(blocks->pool, budget);
	blocks_trim(blocks);
}

uint64_t blocks_budget(struct blocks *blocks)
{
	return pool_budget(blocks->pool);
}

uint64_t blocks_used(struct blocks *blocks)
{
	return pool_used(blocks->pool);
}
