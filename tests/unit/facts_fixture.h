/*
 * A database of facts in a directory of its own, rows whose every field is
 * known, and a look at the file as other people have it.
 */
#ifndef TESTS_UNIT_FACTS_FIXTURE_H
#define TESTS_UNIT_FACTS_FIXTURE_H

#include "cache/disk/facts.h"

#include "scratch.h"

#include <sqlite3.h>

struct fixture {
	char *directory;
	char *path;
	struct facts_db *db;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = scratch_make();
	f->path = scratch_path(f->directory, "facts.sqlite");
	if (facts_open(f->directory, &f->db) < 0)
		return -1;
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	facts_close(f->db);
	free(f->path);
	scratch_remove(f->directory);
	free(f);
	return 0;
}

static inline void reopen(struct fixture *f)
{
	assert_int_equal(facts_open(f->directory, &f->db), 0);
}

static inline void close_db(struct fixture *f)
{
	facts_close(f->db);
	f->db = NULL;
}

static inline struct file_id id_of(uint64_t n)
{
	return (struct file_id){.dev = 0xfedcba9876543210u,
				.ino = n,
				.size = UINT64_MAX - n,
				.mtime_ns = -1 - (int64_t)n,
				.ctime_ns = -2 - (int64_t)n};
}

static inline struct facts facts_of(uint64_t n)
{
	struct facts facts = {
		.kind = FACTS_LOSSLESS,
		.rate = 44100,
		.channels = 2,
		.bits = 24,
		.samples = (UINT64_C(1) << 42) - n,
		.tag_size = 64 << 20,
		.picture_side = 1,
		.codec = "flac",
		.reason = "'; DROP TABLE track; --",
	};

	memset(&facts.identity, (int)n, sizeof(facts.identity));
	return facts;
}

static inline void put(struct facts_db *db, uint64_t n)
{
	struct file_id id = id_of(n);
	struct facts facts = facts_of(n);

	facts_put(db, &id, &facts);
}

/* Whether the facts of `n` are known, and right. */
static inline bool known(struct facts_db *db, uint64_t n)
{
	struct file_id id = id_of(n);
	struct facts right = facts_of(n), facts;

	if (facts_get(db, &id, &facts) < 0)
		return false;
	return facts.kind == right.kind && facts.rate == right.rate &&
	       facts.channels == right.channels && facts.bits == right.bits &&
	       facts.samples == right.samples &&
	       facts.tag_size == right.tag_size &&
	       facts.picture_side == right.picture_side &&
	       memcmp(&facts.identity, &right.identity, 16) == 0 &&
	       strcmp(facts.codec, right.codec) == 0 &&
	       strcmp(facts.reason, right.reason) == 0;
}

/* The one number that the query gives; -1 when it fails. */
static inline int64_t query(const char *path, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *statement = NULL;
	int64_t n = -1;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	sqlite3_prepare_v2(db, text, -1, &statement, NULL);
	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return n;
}

static inline void run(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
