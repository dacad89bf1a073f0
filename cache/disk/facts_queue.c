/* The queue: a list in order of arrival, and a hash table over it. */
#include "cache/disk/facts_private.h"

#include <stdlib.h>

void facts_queue_init(struct facts_queue *queue)
{
	queue->count = 0;
	queue->versions = 0;
	TAILQ_INIT(&queue->rows);
	for (size_t i = 0; i < FACTS_QUEUE_BUCKETS; i++)
		LIST_INIT(&queue->buckets[i]);
}

static void drop(struct facts_queue *queue, struct facts_row *row)
{
	TAILQ_REMOVE(&queue->rows, row, order);
	LIST_REMOVE(row, link);
	queue->count--;
	free(row);
}

void facts_queue_release(struct facts_queue *queue)
{
	while (!TAILQ_EMPTY(&queue->rows))
		drop(queue, TAILQ_FIRST(&queue->rows));
}

static size_t bucket_of(const struct file_id *id)
{
	uint64_t hash = (id->ino ^ id->dev << 32) * 0x9e3779b97f4a7c15u;

	return (size_t)(hash >> 52) % FACTS_QUEUE_BUCKETS;
}

static struct facts_row *find_queued(const struct facts_queue *queue,
				     const struct file_id *id)
{
	struct facts_row *row;

	LIST_FOREACH (row, &queue->buckets[bucket_of(id)], link) {
		if (file_id_equal(&row->id, id))
			return row;
	}
	return NULL;
}

const struct facts_row *facts_queue_find(const struct facts_queue *queue,
					 const struct file_id *id)
{
	return find_queued(queue, id);
}

static struct facts_row *add_queued(struct facts_queue *queue,
				    const struct file_id *id)
{
	struct facts_row *row = malloc(sizeof(*row));

	if (!row)
		return NULL;
	if (queue->count == FACTS_QUEUE_MAX)
		drop(queue, TAILQ_FIRST(&queue->rows));
	row->id = *id;
	TAILQ_INSERT_TAIL(&queue->rows, row, order);
	LIST_INSERT_HEAD(&queue->buckets[bucket_of(id)], row, link);
	queue->count++;
	return row;
}

void facts_queue_put(struct facts_queue *queue, const struct file_id *id,
		     const struct facts *facts)
{
	struct facts_row *row = find_queued(queue, id);

	if (!row)
		row = add_queued(queue, id);
	if (!row)
		return;
	row->facts = *facts;
	row->version = ++queue->versions;
}

size_t facts_queue_copy(const struct facts_queue *queue, struct facts_row *rows,
			size_t max)
{
	const struct facts_row *row;
	size_t n = 0;

	TAILQ_FOREACH (row, &queue->rows, order) {
		if (n == max)
			break;
		rows[n++] = *row;
	}
	return n;
}

void facts_queue_remove(struct facts_queue *queue, const struct facts_row *copy)
{
	struct facts_row *row = find_queued(queue, &copy->id);

	if (row && row->version == copy->version)
		drop(queue, row);
}
