/*
 * Lines that wait for somebody to take them: of very many, the first are
 * forgotten. The caller locks.
 */
#ifndef TASKS_LINES_H
#define TASKS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct line;

struct lines {
	STAILQ_HEAD(, line) list;
	size_t count;
};

void lines_init(struct lines *lines);
void lines_release(struct lines *lines);

/* Takes `text`, which is on the heap; NULL is left out. */
void lines_add(struct lines *lines, char *text, bool failed);

/* False: there is none. */
bool lines_take(struct lines *lines, char *text, size_t size, bool *failed);

#endif
