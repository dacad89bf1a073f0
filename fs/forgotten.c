/*
 * Records lie one after the other in slabs, which have pages of their own. If
 * each record were allocated separately, it would take the space that a node
 * has just left, and keep that page when all nodes around it are gone: 100,000
 * nodes would leave 60 MB behind. A slab is freed as a whole, with the oldest
 * records; files that are still looked up get a new record when they are
 * forgotten again.
 */
#include "fs/forgotten.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
	SLAB_SIZE = 256 << 10, /* bytes: malloc(3) maps pages for it */
	SLABS_MAX = FORGOTTEN_MAX / SLAB_SIZE,
	BUCKETS = 1 << 16,
};

struct forgotten_path {
	struct forgotten_path *next; /* in its bucket */
	uint64_t number;
	uint32_t size; /* bytes, to the next one in the slab */
	char path[];
};

struct slab {
	TAILQ_ENTRY(slab) link;
	size_t used;
	_Alignas(struct forgotten_path) char bytes[];
};

#define SLAB_ROOM (SLAB_SIZE - sizeof(struct slab))

struct forgotten {
	TAILQ_HEAD(slabs, slab) slabs; /* the oldest first */
	unsigned count;		       /* of them */
	struct forgotten_path *buckets[BUCKETS];
};

struct forgotten *forgotten_create(void)
{
	struct forgotten *forgotten = calloc(1, sizeof(*forgotten));

	if (forgotten)
		TAILQ_INIT(&forgotten->slabs);
	return forgotten;
}

void forgotten_destroy(struct forgotten *forgotten)
{
	struct slab *slab;

	if (!forgotten)
		return;
	while ((slab = TAILQ_FIRST(&forgotten->slabs))) {
		TAILQ_REMOVE(&forgotten->slabs, slab, link);
		free(slab);
	}
	free(forgotten);
}

/* Node numbers are hashes already. */
static struct forgotten_path **find_forgotten(struct forgotten *forgotten,
					      uint64_t number)
{
	struct forgotten_path **place = &forgotten->buckets[number % BUCKETS];

	while (*place && (*place)->number != number)
		place = &(*place)->next;
	return place;
}

static void drop_oldest(struct forgotten *forgotten)
{
	struct slab *slab = TAILQ_FIRST(&forgotten->slabs);
	struct forgotten_path *place;

	for (size_t at = 0; at < slab->used; at += place->size) {
		place = (struct forgotten_path *)(slab->bytes + at);
		*find_forgotten(forgotten, place->number) = place->next;
	}
	TAILQ_REMOVE(&forgotten->slabs, slab, link);
	forgotten->count--;
	free(slab);
}

static struct slab *add_slab(struct forgotten *forgotten)
{
	struct slab *slab;

	if (forgotten->count == SLABS_MAX)
		drop_oldest(forgotten);
	slab = malloc(SLAB_SIZE);
	if (!slab)
		return NULL;
	slab->used = 0;
	TAILQ_INSERT_TAIL(&forgotten->slabs, slab, link);
	forgotten->count++;
	return slab;
}

static struct forgotten_path *take_room(struct forgotten *forgotten,
					size_t size)
{
	struct slab *slab = TAILQ_LAST(&forgotten->slabs, slabs);
	struct forgotten_path *place;

	if (!slab || slab->used + size > SLAB_ROOM)
		slab = add_slab(forgotten);
	if (!slab)
		return NULL;
	place = (struct forgotten_path *)(slab->bytes + slab->used);
	slab->used += size;
	place->size = (uint32_t)size;
	return place;
}

void forgotten_keep(struct forgotten *forgotten, uint64_t number,
		    const char *path)
{
	size_t length = strlen(path) + 1;
	size_t align = _Alignof(struct forgotten_path);
	size_t size = offsetof(struct forgotten_path, path) + length;
	struct forgotten_path *place;

	size = (size + align - 1) / align * align;
	if (size > SLAB_ROOM || *find_forgotten(forgotten, number))
		return;
	place = take_room(forgotten, size);
	if (!place)
		return;
	memcpy(place->path, path, length);
	place->number = number;
	place->next = forgotten->buckets[number % BUCKETS];
	forgotten->buckets[number % BUCKETS] = place;
}

const char *forgotten_find(const struct forgotten *forgotten, uint64_t number)
{
	const struct forgotten_path *place =
		*find_forgotten((struct forgotten *)forgotten, number);

	return place ? place->path : NULL;
}
