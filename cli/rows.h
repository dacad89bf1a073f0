/*
 * What commands print for programs: rows and a summary. As one JSON value that
 * is {"NAME": [row, ...], "summary": {...}}; or each row on a line of its own
 * and {"summary": {...}} on the last; or, for people, nothing.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "base/json.h"
#include "cli/arguments.h"

struct rows {
	enum format format;
	bool summary; /* it has been begun */
	struct json json;
};

/*
 * Whether one JSON value goes to a terminal: a row's line ends with the next
 * one, so that progress would be drawn over it.
 */
bool rows_fill_terminal(enum format format);

/* On stdout. `name` NULL: the value is [row, ...], without a summary. */
void rows_open(struct rows *rows, enum format format, const char *name);

/* The members of a row are written between these. */
struct json *rows_begin(struct rows *rows);
void rows_end(struct rows *rows);

/* The members of the summary follow; then the end. */
struct json *rows_summary(struct rows *rows);
void rows_close(struct rows *rows);

#endif
