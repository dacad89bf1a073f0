/*
 * The memory of last resort. A dropped block's owner finds its slot empty;
 * nobody is told. An owner gives its blocks back before it goes away, under
 * the same lock that droppers hold, so that a slot never dangles.
 */
#include "cache/memory.h"

#include <errno.h>
#include <stdlib.h>

int memory_init(struct memory *memory, uint64_t limit)
{
	memory->limit = limit;
	memory->used = 0;
	TAILQ_INIT(&memory->blocks);
	return -pthread_mutex_init(&memory->lock, NULL);
}

void memory_release(struct memory *memory)
{
	pthread_mutex_destroy(&memory->lock);
}

static void free_block(struct block *block)
{
	free(block->bytes);
	free(block);
}

static void forget_locked(struct memory *memory, struct block *block)
{
	if (block->droppable)
		TAILQ_REMOVE(&memory->blocks, block, link);
	memory->used -= block->size;
}

static void drop_oldest_locked(struct memory *memory)
{
	struct block *block = TAILQ_FIRST(&memory->blocks);

	forget_locked(memory, block);
	pthread_mutex_lock(block->owner);
	*block->slot = NULL;
	pthread_mutex_unlock(block->owner);
	free_block(block);
}

static bool make_room_locked(struct memory *memory, size_t size)
{
	if (size > memory->limit)
		return false;
	while (memory->used > memory->limit - size) {
		if (TAILQ_EMPTY(&memory->blocks))
			return false;
		drop_oldest_locked(memory);
	}
	memory->used += size;
	return true;
}

static struct block *make_block(size_t size)
{
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		return NULL;
	block->size = size;
	block->bytes = malloc(size);
	if (!block->bytes) {
		free(block);
		return NULL;
	}
	return block;
}

struct block *memory_take(struct memory *memory, size_t size)
{
	struct block *block = make_block(size);
	bool room;

	if (!block)
		return NULL;
	pthread_mutex_lock(&memory->lock);
	room = make_room_locked(memory, size);
	pthread_mutex_unlock(&memory->lock);
	if (room)
		return block;
	free_block(block);
	return NULL;
}

void memory_offer(struct memory *memory, struct block *block,
		  struct block **slot, pthread_mutex_t *owner)
{
	pthread_mutex_lock(&memory->lock);
	block->slot = slot;
	block->owner = owner;
	block->droppable = true;
	TAILQ_INSERT_TAIL(&memory->blocks, block, link);
	pthread_mutex_unlock(&memory->lock);
}

void memory_give_back(struct memory *memory, struct block **slot)
{
	struct block *block;

	pthread_mutex_lock(&memory->lock);
	block = *slot;
	*slot = NULL;
	if (block)
		forget_locked(memory, block);
	pthread_mutex_unlock(&memory->lock);
	if (block)
		free_block(block);
}
