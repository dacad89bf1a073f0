/*
 * The memory of last resort. A dropped refuge's owner finds its slot empty;
 * nobody is told. An owner gives its refuges back before it goes away, under
 * the same lock that droppers hold, so that a slot never dangles.
 */
#include "cache/memory/memory.h"

#include <errno.h>
#include <stdlib.h>

int memory_init(struct memory *memory, uint64_t limit)
{
	memory->limit = limit;
	memory->used = 0;
	TAILQ_INIT(&memory->refuges);
	return -pthread_mutex_init(&memory->lock, NULL);
}

void memory_release(struct memory *memory)
{
	pthread_mutex_destroy(&memory->lock);
}

static void free_refuge(struct refuge *refuge)
{
	buffer_close(refuge->bytes);
	free(refuge);
}

static void forget_locked(struct memory *memory, struct refuge *refuge)
{
	if (refuge->droppable)
		TAILQ_REMOVE(&memory->refuges, refuge, link);
	memory->used -= buffer_size(refuge->bytes);
}

static void drop_oldest_locked(struct memory *memory)
{
	struct refuge *refuge = TAILQ_FIRST(&memory->refuges);

	forget_locked(memory, refuge);
	pthread_mutex_lock(refuge->owner);
	*refuge->slot = NULL;
	pthread_mutex_unlock(refuge->owner);
	free_refuge(refuge);
}

static bool make_room_locked(struct memory *memory, size_t size)
{
	if (size > memory->limit)
		return false;
	while (memory->used > memory->limit - size) {
		if (TAILQ_EMPTY(&memory->refuges))
			return false;
		drop_oldest_locked(memory);
	}
	memory->used += size;
	return true;
}

static struct refuge *make_refuge(size_t size)
{
	struct refuge *refuge = calloc(1, sizeof(*refuge));

	if (!refuge)
		return NULL;
	if (buffer_create("segments", size, &refuge->bytes) < 0) {
		free(refuge);
		return NULL;
	}
	return refuge;
}

struct refuge *memory_take(struct memory *memory, size_t size)
{
	struct refuge *refuge = make_refuge(size);
	bool room;

	if (!refuge)
		return NULL;
	pthread_mutex_lock(&memory->lock);
	room = make_room_locked(memory, size);
	pthread_mutex_unlock(&memory->lock);
	if (room)
		return refuge;
	free_refuge(refuge);
	return NULL;
}

void memory_offer(struct memory *memory, struct refuge *refuge,
		  struct refuge **slot, pthread_mutex_t *owner)
{
	pthread_mutex_lock(&memory->lock);
	refuge->slot = slot;
	refuge->owner = owner;
	refuge->droppable = true;
	TAILQ_INSERT_TAIL(&memory->refuges, refuge, link);
	pthread_mutex_unlock(&memory->lock);
}

void memory_give_back(struct memory *memory, struct refuge **slot)
{
	struct refuge *refuge;

	pthread_mutex_lock(&memory->lock);
	refuge = *slot;
	*slot = NULL;
	if (refuge)
		forget_locked(memory, refuge);
	pthread_mutex_unlock(&memory->lock);
	if (refuge)
		free_refuge(refuge);
}
