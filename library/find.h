/*
 * Finds a file of the library, and what a view shows for it, on threads that
 * may wait: for commands and precaching, never for the mount's own threads.
 */
#ifndef LIBRARY_FIND_H
#define LIBRARY_FIND_H

#include "base/latch.h"
#include "library/node.h"

struct catalog;

/* What was found last. The folder's listing is kept for the next file. */
struct finder {
	struct latch latch;
	int err;
	const struct view *view;
	struct listing *listing;
	const struct item *item; /* an item of the listing */
	struct node *node;	 /* owned; NULL: none was asked for */
};

#define FINDER_INITIALIZER                                                     \
	{                                                                      \
		.latch = LATCH_INITIALIZER                                     \
	}

void finder_release(struct finder *finder);

/*
 * Finds the item that a view shows for a source, by its path in the library.
 * -ENOENT: there is none; other -errno of the folder.
 */
int find_item(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder);

/* The same, with its node. */
int find_node(struct catalog *catalog, const struct view *view,
	      const char *path, struct finder *finder);

#endif
