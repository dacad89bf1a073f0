/*
 * Segments that the disk did not take. Dropping one empties its owner's slot;
 * nobody is told. An owner gives its fallbacks back before it goes away, under
 * the lock that droppers hold, so that a slot never dangles.
 */
#include "cache/memory/fallback.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>

int fallbacks_init(struct fallbacks *fallbacks, uint64_t limit)
{
	fallbacks->limit = limit;
	fallbacks->used = 0;
	TAILQ_INIT(&fallbacks->droppable);
	return -pthread_mutex_init(&fallbacks->lock, NULL);
}

void fallbacks_release(struct fallbacks *fallbacks)
{
	pthread_mutex_destroy(&fallbacks->lock);
}

static void free_fallback(struct fallback *fallback)
{
	buffer_destroy(fallback->bytes);
	free(fallback);
}

static void forget_locked(struct fallbacks *fallbacks,
			  struct fallback *fallback)
{
	if (fallback->droppable)
		TAILQ_REMOVE(&fallbacks->droppable, fallback, link);
	fallbacks->used -= buffer_size(fallback->bytes);
}

static void drop_oldest_locked(struct fallbacks *fallbacks)
{
	struct fallback *fallback = TAILQ_FIRST(&fallbacks->droppable);

	forget_locked(fallbacks, fallback);
	pthread_mutex_lock(fallback->owner);
	*fallback->slot = NULL;
	pthread_mutex_unlock(fallback->owner);
	free_fallback(fallback);
}

static bool make_room_locked(struct fallbacks *fallbacks, size_t size)
{
	if (size > fallbacks->limit)
		return false;
	while (fallbacks->used > fallbacks->limit - size) {
		if (TAILQ_EMPTY(&fallbacks->droppable))
			return false;
		drop_oldest_locked(fallbacks);
	}
	fallbacks->used += size;
	return true;
}

static struct fallback *make_fallback(size_t size)
{
	struct fallback *fallback = calloc(1, sizeof(*fallback));

	if (!fallback)
		return NULL;
	if (buffer_create("segments", size, &fallback->bytes) < 0) {
		free(fallback);
		return NULL;
	}
	return fallback;
}

struct fallback *fallbacks_take(struct fallbacks *fallbacks, size_t size)
{
	struct fallback *fallback = make_fallback(size);
	bool room;

	if (!fallback)
		return NULL;
	pthread_mutex_lock(&fallbacks->lock);
	room = make_room_locked(fallbacks, size);
	pthread_mutex_unlock(&fallbacks->lock);
	if (room)
		return fallback;
	free_fallback(fallback);
	return NULL;
}

void fallbacks_offer(struct fallbacks *fallbacks, struct fallback *fallback,
		     struct fallback **slot, pthread_mutex_t *owner)
{
	auto_lock(&fallbacks->lock);

	fallback->slot = slot;
	fallback->owner = owner;
	fallback->droppable = true;
	TAILQ_INSERT_TAIL(&fallbacks->droppable, fallback, link);
}

void fallbacks_give_back(struct fallbacks *fallbacks, struct fallback **slot)
{
	struct fallback *fallback;

	pthread_mutex_lock(&fallbacks->lock);
	fallback = *slot;
	*slot = NULL;
	if (fallback)
		forget_locked(fallbacks, fallback);
	pthread_mutex_unlock(&fallbacks->lock);
	if (fallback)
		free_fallback(fallback);
}
