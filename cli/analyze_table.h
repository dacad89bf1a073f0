/* What `groovefs analyze` prints of a file, in one of three ways. */
#ifndef CLI_ANALYZE_TABLE_H
#define CLI_ANALYZE_TABLE_H

#include "cli/analyzing.h"

#include <stdio.h>

enum table_format {
	TABLE_TEXT,  /* for people: the few numbers that they look for */
	TABLE_CSV,   /* RFC 4180 but for CR, with a line of names */
	TABLE_JSON,  /* one array of objects */
	TABLE_JSONL, /* an object a line */
};

void table_begin(FILE *out, enum table_format format);
void table_row(FILE *out, enum table_format format, bool first,
	       const struct analyzed *analyzed);
void table_end(FILE *out, enum table_format format);

#endif
