/*
 * From an item of a listing to a node: looks at the source, asks for its facts,
 * makes the plan.
 */
#ifndef LIBRARY_RESOLVE_H
#define LIBRARY_RESOLVE_H

#include "library/listing.h"
#include "library/node.h"

struct catalog;

/* `fn` is called once, on any thread. */
void resolve(struct catalog *catalog, const struct view *view,
	     struct listing *listing, const struct item *item,
	     const struct asker *asker, node_fn *fn, void *arg);

/* The same without waiting: -EAGAIN if facts are not known. */
int resolve_known(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  struct node **node);

/*
 * Asks for the facts of all tracks of a folder, once, at lower priority than
 * all readers.
 */
void resolve_ahead(struct catalog *catalog, struct listing *listing);

#endif
