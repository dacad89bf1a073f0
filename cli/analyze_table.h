/*
 * What `groovefs analyze` prints about a file: for people, as CSV or as JSON.
 */
#ifndef CLI_ANALYZE_TABLE_H
#define CLI_ANALYZE_TABLE_H

#include "cli/analyzing.h"
#include "cli/rows.h"

struct analyze_table {
	bool csv; /* RFC 4180 without CR, and with a header line */
	struct rows rows;
};

/* On stdout. As text: the few numbers that people look for. */
void table_begin(struct analyze_table *table, enum format format, bool csv);
void table_row(struct analyze_table *table, const struct analyzed *analyzed);
void table_end(struct analyze_table *table);

#endif
