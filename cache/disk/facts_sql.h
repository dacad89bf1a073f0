/*
 * One connection to the database of facts: SQLite, translated. Internal to
 * cache/. A connection is used by one thread at a time.
 *
 * Errors: -EBADMSG the database is damaged or of another version; -ENOSPC;
 * -ENOMEM; -EBUSY another process holds it; else -EIO.
 */
#ifndef CACHE_DISK_FACTS_SQL_H
#define CACHE_DISK_FACTS_SQL_H

#include "cache/disk/facts.h"

struct facts_sql;

/*
 * Opens the file, makes it and its table if there are none. `wait_ms`: how
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
