/*
 * The folders that a walk has visited: links may form circles, or lead to one
 * folder in many ways.
 */
#ifndef BASE_VISITED_H
#define BASE_VISITED_H

#include <sys/stat.h>

struct visited {
	void *tree; /* tsearch(3) */
};

/* 1: the folder is new; 0: it was there before; -ENOMEM. */
int visited_add(struct visited *visited, const struct stat *st);
void visited_release(struct visited *visited);

#endif
