/*
 * Counts the known files: from outside, by a connection that cannot write,
 * whoever uses the database meanwhile.
 */
#include "base/cleanup.h"
#include "cache/disk/facts.h"

#include <sqlite3.h>

#define WAIT 1000 /* ms, for another process's lock */

static int count_rows(sqlite3 *db, uint64_t *rows)
{
	static const char text[] = "SELECT count(*) FROM track";
	sqlite3_stmt *statement = NULL;
	int r = -EIO;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		*rows = (uint64_t)sqlite3_column_int64(statement, 0);
		r = 0;
	}
	sqlite3_finalize(statement);
	return r;
}

int facts_count(const char *directory, uint64_t *rows)
{
	auto_free char *path = NULL;
	sqlite3 *db = NULL;
	int r = -EIO;

	if (asprintf(&path, "%s/facts.sqlite", directory) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ==
	    SQLITE_OK) {
		sqlite3_busy_timeout(db, WAIT);
		r = count_rows(db, rows);
	}
	sqlite3_close(db);
	return r;
}
