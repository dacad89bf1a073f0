/* What the files of facts.c share. Internal to cache/. */
#ifndef CACHE_DISK_FACTS_PRIVATE_H
#define CACHE_DISK_FACTS_PRIVATE_H

#include "cache/disk/facts.h"

#include <sys/queue.h>

/*
 * Facts that are not in the database yet, by file and in order. No lock: its
 * owner's protects it.
 */

#define FACTS_QUEUE_BUCKETS 4096
#define FACTS_QUEUE_MAX 100000 /* rows; then the oldest is dropped */

struct facts_row {
	struct file_id id;
	struct facts facts;
	uint64_t version; /* of this row, unique in the queue */
	TAILQ_ENTRY(facts_row) order;
	LIST_ENTRY(facts_row) link;
};

LIST_HEAD(facts_bucket, facts_row);

struct facts_queue {
	size_t count;
	uint64_t versions;
	TAILQ_HEAD(, facts_row) rows; /* oldest first */
	struct facts_bucket buckets[FACTS_QUEUE_BUCKETS];
};

void facts_queue_init(struct facts_queue *queue);
void facts_queue_release(struct facts_queue *queue);

/* The row, or NULL. */
const struct facts_row *facts_queue_find(const struct facts_queue *queue,
					 const struct file_id *id);

/* Adds or replaces. Without memory the row is lost, which costs one probe. */
void facts_queue_put(struct facts_queue *queue, const struct file_id *id,
		     const struct facts *facts);

/* Copies up to `max` of the oldest rows, returns how many. */
size_t facts_queue_copy(const struct facts_queue *queue, struct facts_row *rows,
			size_t max);

/* Removes the row, unless it was replaced since the copy was made. */
void facts_queue_remove(struct facts_queue *queue,
			const struct facts_row *copy);

/*
 * One connection to the database of facts, hiding SQLite. A connection is used
 * by one thread at a time.
 *
 * Errors: -EBADMSG the database is damaged or of another version; -ENOSPC;
 * -ENOMEM; -EBUSY another process has locked it; otherwise -EIO.
 */

struct facts_sql;

/*
 * Opens the file; makes it and its table if they do not exist. `wait_ms`: how
 * long later calls may wait for another process's lock.
 */
int facts_sql_open(const char *path, int wait_ms, struct facts_sql **sql);
void facts_sql_close(struct facts_sql *sql); /* NULL is allowed */

/* 0; -ENOENT; or an error. */
int facts_sql_get(struct facts_sql *sql, const struct file_id *id,
		  struct facts *facts);

/* Rows are put between begin and commit; undo goes back to begin. */
int facts_sql_begin(struct facts_sql *sql);
int facts_sql_put(struct facts_sql *sql, const struct file_id *id,
		  const struct facts *facts);
int facts_sql_commit(struct facts_sql *sql);
void facts_sql_undo(struct facts_sql *sql);

#endif
