/* How the commands 'groovefs cache ...' write, for people and as JSON. */
#ifndef CLI_CACHE_PRINT_H
#define CLI_CACHE_PRINT_H

#include "cli/arguments.h"

#include <stdio.h>

/* "999", "1.4K", "12.3G": in units of 1024 */
#define SIZE_TEXT 16
const char *size_text(uint64_t bytes, char text[static SIZE_TEXT]);

/* "2026-11-21 10:14", local time. */
#define TIME_TEXT 24
const char *time_text(int64_t ns, char text[static TIME_TEXT]);

/* What is there of an entry, 0 to 100; 100 only when it is whole. */
unsigned entry_percent(const struct inspect_entry *entry);
bool entry_is_whole(const struct inspect_entry *entry);

/* "QUALITY PATH", else the key. What terminals would obey is escaped. */
void put_entry_name(FILE *out, const struct inspect_entry *entry);

/*
 * A JSON object of the form {"NAME": [row, ...], "summary": {...}}, or each row
 * on a line of its own and {"summary": {...}} on the last; nothing as text. A
 * row is begun with rows_begin(), filled by what json.h has, ended by
 * rows_end().
 */
struct rows {
	enum format format;
	bool any;
	struct json row;
	char line[32768]; /* longer than any row: a path takes six times 4096 */
};

void rows_open(struct rows *rows, enum format format, const char *name);
struct json *rows_begin(struct rows *rows);
void rows_end(struct rows *rows);

/* A row follows that is the summary; then the end. */
struct json *rows_summary(struct rows *rows);
void rows_close(struct rows *rows);

/* The members of an entry's row: key, quality, path. */
void json_entry(struct json *json, const struct inspect_entry *entry);

#endif
