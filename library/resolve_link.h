/* Resolving a link: what its text is in a view. */
#ifndef LIBRARY_RESOLVE_LINK_H
#define LIBRARY_RESOLVE_LINK_H

#include "library/node.h"

#include <sys/stat.h>

struct catalog;

/* As for resolve(); `path` is the link's, `st` its status. */
void resolve_link(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  const char *path, const struct stat *st,
		  const struct asker *asker, node_fn *fn, void *arg);

#endif
