/*
 * What commands print for programs: rows and a summary. As one JSON value this
 * is {"NAME": [row, ...], "summary": {...}}; as lines, each row is on a line of
 * its own, with {"summary": {...}} on the last. For people it is nothing.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "base/json.h"
#include "cli/arguments.h"

struct rows {
	enum format format;
	bool summary; /* it has begun */
	struct json json;
};

/*
 * Whether one JSON value goes to a terminal: a row's line ends only with the
 * next row, so progress would be drawn over it.
 */
bool rows_fill_terminal(enum format format);

/* On stdout. `name` NULL: the value is [row, ...], without a summary. */
void rows_open(struct rows *rows, enum format format, const char *name);

/* The members of a row are written between these two. */
struct json *rows_begin(struct rows *rows);
void rows_end(struct rows *rows);

/* The members of the summary follow, then rows_close(). */
struct json *rows_summary(struct rows *rows);
void rows_close(struct rows *rows);

#endif
