/*
 * From an item of a listing to a node: look at the source, ask for its facts,
 * make the plan.
 */
#ifndef LIBRARY_RESOLVE_H
#define LIBRARY_RESOLVE_H

#include "library/listing.h"
#include "library/node.h"

struct catalog;

/*
 * Called once, on any thread; on success it owns the node, which is of no
 * table yet. -ENOENT: the source is gone.
 */
typedef void resolve_fn(void *arg, int err, struct node *node);

void resolve(struct catalog *catalog, const struct view *view,
	     struct listing *listing, const struct item *item,
	     const struct asker *asker, resolve_fn *fn, void *arg);

/* The same without waiting: -EAGAIN when facts are not known. */
int resolve_known(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  struct node **node);

/* What the table knows its node by; on the heap. NULL: no memory. */
char *resolve_key(const struct view *view, const struct listing *listing,
		  const struct item *item);

/* Asks for the facts of all tracks of a folder, once, behind every reader. */
void resolve_ahead(struct catalog *catalog, struct listing *listing);

#endif
