/* See rows.h. */
#include "cli/rows.h"

#include <unistd.h>

bool rows_fill_terminal(enum format format)
{
	return format == FORMAT_JSON && isatty(STDOUT_FILENO);
}

void rows_open(struct rows *rows, enum format format, const char *name)
{
	*rows = (struct rows){.format = format};
	if (format != FORMAT_JSON)
		return;
	json_begin_file(&rows->json, stdout, name ? '{' : '[');
	if (name)
		json_open(&rows->json, name, '[');
}

/* For people, there is neither a stream nor room, and nothing is written. */
struct json *rows_begin(struct rows *rows)
{
	if (rows->format == FORMAT_JSON)
		json_open_line(&rows->json, NULL, '{');
	else if (rows->format == FORMAT_JSONL)
		json_begin_line(&rows->json, stdout);
	return &rows->json;
}

void rows_end(struct rows *rows)
{
	if (rows->format == FORMAT_JSON)
		json_close(&rows->json, '{');
	else if (rows->format == FORMAT_JSONL)
		json_end_file(&rows->json);
}

struct json *rows_summary(struct rows *rows)
{
	if (rows->format == FORMAT_JSON)
		json_close(&rows->json, '[');
	else if (rows->format == FORMAT_JSONL)
		json_begin_line(&rows->json, stdout);
	json_open_line(&rows->json, "summary", '{');
	rows->summary = true;
	return &rows->json;
}

void rows_close(struct rows *rows)
{
	if (rows->format == FORMAT_TEXT)
		return;
	if (rows->summary)
		json_close(&rows->json, '{');
	if (rows->summary || rows->format == FORMAT_JSON)
		json_end_file(&rows->json);
}
