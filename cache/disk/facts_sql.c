/*
 * The table of facts. Its columns have plain names and values, for people who
 * use sqlite3(1): SELECT codec, rate, samples FROM track. When a file changes,
 * the row of its old version stays until the new one is put.
 */
#include "cache/disk/facts_private.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define VERSION 5      /* 1 to 4 did not know a file's time of change */
#define OPEN_WAIT 5000 /* ms, while another process makes the table */

static const char schema[] = "CREATE TABLE track ("
			     " dev INTEGER NOT NULL,"
			     " ino INTEGER NOT NULL,"
			     " size INTEGER NOT NULL,"
			     " mtime_ns INTEGER NOT NULL,"
			     " ctime_ns INTEGER NOT NULL,"
			     " kind INTEGER NOT NULL,"
			     " rate INTEGER NOT NULL,"
			     " channels INTEGER NOT NULL,"
			     " bits INTEGER NOT NULL,"
			     " samples INTEGER NOT NULL,"
			     " identity BLOB NOT NULL,"
			     " tag_size INTEGER NOT NULL,"
			     " has_picture INTEGER NOT NULL,"
			     " codec TEXT NOT NULL,"
			     " reason TEXT NOT NULL,"
			     " genre TEXT NOT NULL,"
			     " failure TEXT NOT NULL,"
			     " failed_at INTEGER NOT NULL,"
			     " probed INTEGER NOT NULL DEFAULT 0,"
			     " PRIMARY KEY (dev, ino, size, mtime_ns,"
			     " ctime_ns)"
			     ") WITHOUT ROWID;"
			     "PRAGMA user_version = 5;";

/* Facts stored without the time of change may be of another version. */
static const char former[] = "DROP TABLE track;";

enum statement { GET, PUT, FORGET_OLD, BEGIN, COMMIT, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[GET] = ("SELECT kind, rate, channels, bits, samples, identity,"
		 " tag_size, has_picture, codec, reason, genre, failure,"
		 " failed_at, probed FROM track"
		 " WHERE dev = ?1 AND ino = ?2"
		 " AND size = ?3 AND mtime_ns = ?4 AND ctime_ns = ?5"),
	[PUT] = ("INSERT OR REPLACE INTO track (dev, ino, size, mtime_ns,"
		 " ctime_ns, kind, rate, channels, bits, samples, identity, "
		 "tag_size,"
		 " has_picture, codec, reason, genre, failure, failed_at,"
		 " probed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
		 " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"),
	[FORGET_OLD] = ("DELETE FROM track WHERE dev = ?1 AND ino = ?2"
			" AND NOT (size = ?3 AND mtime_ns = ?4"
			" AND ctime_ns = ?5)"),
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
};

struct facts_sql {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
};

static int translate(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_ERROR: /* a table or a column is missing */
		return -EBADMSG;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	default:
		return -EIO;
	}
}

static int run_sql(struct facts_sql *sql, const char *text)
{
	return translate(sqlite3_exec(sql->db, text, NULL, NULL, NULL));
}

static int step_and_reset(sqlite3_stmt *statement)
{
	int r = translate(sqlite3_step(statement));

	sqlite3_reset(statement);
	return r;
}

static int read_version(struct facts_sql *sql, int *version)
{
	sqlite3_stmt *statement;
	int r = translate(sqlite3_prepare_v2(sql->db, "PRAGMA user_version", -1,
					     &statement, NULL));

	if (r < 0)
		return r;
	r = translate(sqlite3_step(statement));
	if (r == 0)
		*version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return r;
}

static bool is_former(int version)
{
	return version > 0 && version < VERSION;
}

/* Two processes may come here at once: the second finds it done. */
static int make_table(struct facts_sql *sql)
{
	int version = 0;
	int r = run_sql(sql, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = read_version(sql, &version);
	if (r == 0 && is_former(version))
		r = run_sql(sql, former);
	if (r == 0 && version < VERSION)
		r = run_sql(sql, schema);
	if (r == 0)
		r = run_sql(sql, "COMMIT");
	if (r < 0)
		facts_sql_undo(sql);
	return r;
}

static int prepare_table(struct facts_sql *sql)
{
	int version = 0;
	int r = read_version(sql, &version);

	if (r == 0 && (version == 0 || is_former(version)))
		r = make_table(sql);
	if (r == 0)
		r = read_version(sql, &version);
	if (r == 0 && version != VERSION)
		r = -EBADMSG;
	return r;
}

static int prepare_statements(struct facts_sql *sql)
{
	for (int i = 0; i < STATEMENTS; i++) {
		int r = translate(sqlite3_prepare_v3(
			sql->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&sql->statements[i], NULL));

		if (r < 0)
			return r;
	}
	return 0;
}

/* Exclusively: closing a second descriptor would drop SQLite's locks. */
static void make_private_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static int open_connection(struct facts_sql *sql, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			  SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
			  SQLITE_OPEN_NOFOLLOW;
	int r;

	make_private_file(path);
	r = translate(sqlite3_open_v2(path, &sql->db, flags, NULL));
	if (r < 0)
		return r;
	sqlite3_busy_timeout(sql->db, OPEN_WAIT);
	/* While another process changes the mode it is "busy": then this
	   connection follows, as the mode is the file's. */
	r = run_sql(sql, "PRAGMA journal_mode = WAL");
	if (r < 0 && r != -EBUSY)
		return r;
	return run_sql(sql, "PRAGMA synchronous = NORMAL");
}

int facts_sql_open(const char *path, int wait_ms, struct facts_sql **out)
{
	struct facts_sql *sql = calloc(1, sizeof(*sql));
	int r;

	if (!sql)
		return -ENOMEM;
	r = open_connection(sql, path);
	if (r == 0)
		r = prepare_table(sql);
	if (r == 0)
		r = prepare_statements(sql);
	if (r < 0) {
		facts_sql_close(sql);
		return r;
	}
	sqlite3_busy_timeout(sql->db, wait_ms);
	*out = sql;
	return 0;
}

void facts_sql_close(struct facts_sql *sql)
{
	if (!sql)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(sql->statements[i]);
	sqlite3_close(sql->db);
	free(sql);
}

static int bind_id(sqlite3_stmt *statement, const struct file_id *id)
{
	const uint64_t values[] = {id->dev, id->ino, id->size,
				   (uint64_t)id->mtime_ns,
				   (uint64_t)id->ctime_ns};

	for (int i = 0; i < 5; i++) {
		int code = sqlite3_bind_int64(statement, i + 1,
					      (sqlite3_int64)values[i]);

		if (code != SQLITE_OK)
			return translate(code);
	}
	return 0;
}

static void copy_text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	snprintf(to, size, "%s", text ? (const char *)text : "");
}

static uint32_t take32(sqlite3_stmt *row, int column, bool *good)
{
	sqlite3_int64 value = sqlite3_column_int64(row, column);

	*good &= value >= 0 && value <= UINT32_MAX;
	return (uint32_t)value;
}

/* -ENOENT: groovefs has not written this. */
static int read_row(sqlite3_stmt *row, struct facts *facts)
{
	const void *identity = sqlite3_column_blob(row, 5);
	bool good = identity &&
		    sqlite3_column_bytes(row, 5) == sizeof(facts->identity);
	struct facts read = {
		.kind = take32(row, 0, &good),
		.rate = take32(row, 1, &good),
		.channels = take32(row, 2, &good),
		.bits = take32(row, 3, &good),
		.samples = (uint64_t)sqlite3_column_int64(row, 4),
		.tag_size = take32(row, 6, &good),
		.picture_side = take32(row, 7, &good),
		.probed = take32(row, 13, &good),
	};

	if (!good || !facts_possible(&read))
		return -ENOENT;
	memcpy(&read.identity, identity, sizeof(read.identity));
	copy_text(row, 8, read.codec, sizeof(read.codec));
	copy_text(row, 9, read.reason, sizeof(read.reason));
	copy_text(row, 10, read.genre, sizeof(read.genre));
	copy_text(row, 11, read.failure, sizeof(read.failure));
	read.failed_at = sqlite3_column_int64(row, 12);
	*facts = read;
	return 0;
}

int facts_sql_get(struct facts_sql *sql, const struct file_id *id,
		  struct facts *facts)
{
	sqlite3_stmt *get = sql->statements[GET];
	int r = bind_id(get, id);
	int code;

	if (r < 0)
		return r;
	code = sqlite3_step(get);
	if (code == SQLITE_ROW)
		r = read_row(get, facts);
	else
		r = code == SQLITE_DONE ? -ENOENT : translate(code);
	sqlite3_reset(get);
	return r;
}

/* A worker's text may lack its NUL. */
static int bind_text(sqlite3_stmt *put, int at, const char *text, size_t size)
{
	return sqlite3_bind_text(put, at, text, (int)strnlen(text, size),
				 SQLITE_STATIC);
}

static int bind_facts(sqlite3_stmt *put, const struct facts *facts)
{
	const uint64_t numbers[] = {
		[6] = facts->kind,	    [7] = facts->rate,
		[8] = facts->channels,	    [9] = facts->bits,
		[10] = facts->samples,	    [12] = facts->tag_size,
		[13] = facts->picture_side,
	};
	int code = SQLITE_OK;

	for (int i = 6; i <= 13 && code == SQLITE_OK; i++) {
		if (i != 11)
			code = sqlite3_bind_int64(put, i,
						  (sqlite3_int64)numbers[i]);
	}
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(put, 11, &facts->identity,
					 sizeof(facts->identity),
					 SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = bind_text(put, 14, facts->codec, sizeof(facts->codec));
	if (code == SQLITE_OK)
		code = bind_text(put, 15, facts->reason, sizeof(facts->reason));
	if (code == SQLITE_OK)
		code = bind_text(put, 16, facts->genre, sizeof(facts->genre));
	if (code == SQLITE_OK)
		code = bind_text(put, 17, facts->failure,
				 sizeof(facts->failure));
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(put, 18, facts->failed_at);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(put, 19, facts->probed);
	return translate(code);
}

int facts_sql_put(struct facts_sql *sql, const struct file_id *id,
		  const struct facts *facts)
{
	sqlite3_stmt *put = sql->statements[PUT];
	sqlite3_stmt *forget = sql->statements[FORGET_OLD];
	int r = bind_id(forget, id);

	if (r == 0)
		r = step_and_reset(forget);
	if (r == 0)
		r = bind_id(put, id);
	if (r == 0)
		r = bind_facts(put, facts);
	if (r == 0)
		r = step_and_reset(put);
	return r;
}

int facts_sql_begin(struct facts_sql *sql)
{
	return step_and_reset(sql->statements[BEGIN]);
}

int facts_sql_commit(struct facts_sql *sql)
{
	return step_and_reset(sql->statements[COMMIT]);
}

void facts_sql_undo(struct facts_sql *sql)
{
	/* Fails only when SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(sql->db))
		(void)run_sql(sql, "ROLLBACK");
}
