/* See lines.h. */
#include "tasks/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES_MAX = 10000 };

struct line {
	STAILQ_ENTRY(line) link;
	bool failed;
	char *text;
};

void lines_init(struct lines *lines)
{
	STAILQ_INIT(&lines->list);
	lines->count = 0;
}

static void drop_first(struct lines *lines)
{
	struct line *line = STAILQ_FIRST(&lines->list);

	STAILQ_REMOVE_HEAD(&lines->list, link);
	lines->count--;
	free(line->text);
	free(line);
}

void lines_release(struct lines *lines)
{
	while (!STAILQ_EMPTY(&lines->list))
		drop_first(lines);
}

void lines_add(struct lines *lines, char *text, bool failed)
{
	struct line *line = text ? malloc(sizeof(*line)) : NULL;

	if (!line) {
		free(text);
		return;
	}
	*line = (struct line){.text = text, .failed = failed};
	STAILQ_INSERT_TAIL(&lines->list, line, link);
	if (++lines->count > LINES_MAX)
		drop_first(lines);
}

bool lines_take(struct lines *lines, char *text, size_t size, bool *failed)
{
	const struct line *line = STAILQ_FIRST(&lines->list);

	if (!line)
		return false;
	snprintf(text, size, "%s", line->text);
	*failed = line->failed;
	drop_first(lines);
	return true;
}
