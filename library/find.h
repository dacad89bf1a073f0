/*
 * A file of the library, and what a view makes of it, for threads that may
 * wait: commands and precaching, never the mount's own.
 */
#ifndef LIBRARY_FIND_H
#define LIBRARY_FIND_H

#include "base/latch.h"
#include "library/node.h"

struct catalog;

/* What was found last. The folder's listing stays for the next file. */
struct finder {
	struct latch latch;
	int err;
	const struct view *view;
	struct listing *listing;
	const struct item *item; /* one of the listing's */
	struct node *node;	 /* of no table; owned; NULL: none was asked */
};

#define FINDER_INITIALIZER                                                     \
	{                                                                      \
		.latch = LATCH_INITIALIZER                                     \
	}

void finder_release(struct finder *finder);

/*
 * Finds the item that a view makes of a source, by its path in the library.
 * -ENOENT: there is none; other -errno of the folder.
 */
int find_item(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder);

/* The same, and its node. */
int find_node(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder);

#endif
