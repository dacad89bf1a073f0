/* See forgotten.h. A tree finds them, a list knows the oldest. */
#include "fs/forgotten.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct place {
	TAILQ_ENTRY(place) link;
	uint64_t number;
	char key[];
};

struct forgotten {
	void *tree;
	TAILQ_HEAD(, place) list; /* the oldest first */
	unsigned count;
};

static int compare(const void *a, const void *b)
{
	uint64_t x = ((const struct place *)a)->number;
	uint64_t y = ((const struct place *)b)->number;

	return (x > y) - (x < y);
}

struct forgotten *forgotten_create(void)
{
	struct forgotten *forgotten = calloc(1, sizeof(*forgotten));

	if (forgotten)
		TAILQ_INIT(&forgotten->list);
	return forgotten;
}

void forgotten_destroy(struct forgotten *forgotten)
{
	if (!forgotten)
		return;
	tdestroy(forgotten->tree, free);
	free(forgotten);
}

static struct place *find(const struct forgotten *forgotten, uint64_t number)
{
	struct place key = {.number = number};
	struct place **found = tfind(&key, &forgotten->tree, compare);

	return found ? *found : NULL;
}

static void drop(struct forgotten *forgotten, struct place *place)
{
	tdelete(place, &forgotten->tree, compare);
	TAILQ_REMOVE(&forgotten->list, place, link);
	forgotten->count--;
	free(place);
}

void forgotten_keep(struct forgotten *forgotten, uint64_t number,
		    const char *key)
{
	size_t size = strlen(key) + 1;
	struct place *place = malloc(sizeof(*place) + size);

	if (!place)
		return;
	place->number = number;
	memcpy(place->key, key, size);
	forgotten_drop(forgotten, number);
	if (!tsearch(place, &forgotten->tree, compare)) {
		free(place);
		return;
	}
	TAILQ_INSERT_TAIL(&forgotten->list, place, link);
	if (++forgotten->count > FORGOTTEN_MAX)
		drop(forgotten, TAILQ_FIRST(&forgotten->list));
}

void forgotten_drop(struct forgotten *forgotten, uint64_t number)
{
	struct place *place = find(forgotten, number);

	if (place)
		drop(forgotten, place);
}

const char *forgotten_find(const struct forgotten *forgotten, uint64_t number)
{
	const struct place *place = find(forgotten, number);

	return place ? place->key : NULL;
}
