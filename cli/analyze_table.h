/* What `groovefs analyze` prints of a file: for people, as CSV or as JSON. */
#ifndef CLI_ANALYZE_TABLE_H
#define CLI_ANALYZE_TABLE_H

#include "cli/analyzing.h"
#include "cli/rows.h"

struct table {
	bool csv; /* RFC 4180 but for CR, with a line of names */
	struct rows rows;
};

/* On stdout. As text: the few numbers that people look for. */
void table_begin(struct table *table, enum format format, bool csv);
void table_row(struct table *table, const struct analyzed *analyzed);
void table_end(struct table *table);

#endif
