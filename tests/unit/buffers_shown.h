/* The list of all buffers, as SQLite reads its JSON. Names: one a test. */
#ifndef TESTS_UNIT_BUFFERS_SHOWN_H
#define TESTS_UNIT_BUFFERS_SHOWN_H

#include "cache/memory/buffer_metrics.h"

#include "scratch.h"

#include <sqlite3.h>

/* All buffers as one JSON object, to be freed. */
static inline char *print_buffers(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	buffers_print(out);
	fclose(out);
	return text;
}

/* What a query finds in what is printed (?1), to be freed; NULL: null. */
static inline char *ask(const char *query, const char *name, const char *member)
{
	char *text = print_buffers(), *answer = NULL;
	sqlite3_stmt *statement;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, member, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	if (sqlite3_column_type(statement, 0) != SQLITE_NULL) {
		answer =
			strdup((const char *)sqlite3_column_text(statement, 0));
		assert_non_null(answer);
	}
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	free(text);
	return answer;
}

static inline void assert_answer(char *answer, const char *expected)
{
	if (expected) {
		assert_non_null(answer);
		assert_string_equal(answer, expected);
	} else {
		assert_null(answer);
	}
	free(answer);
}

/* What is printed of the buffers of one name, which are of one kind. */
static inline void assert_shown(const char *name, const char *member,
				const char *expected)
{
	static const char query[] = "SELECT json_extract(value, '$.' || ?3)"
				    " FROM json_each(?1, '$.buffers')"
				    " WHERE json_extract(value, '$.name') = ?2";

	assert_answer(ask(query, name, member), expected);
}

#endif
