/* Links: the part of resolve.c that finds what one says in a view. */
#ifndef LIBRARY_RESOLVE_LINK_H
#define LIBRARY_RESOLVE_LINK_H

#include "library/resolve.h"

#include <sys/stat.h>

/* As for resolve(); `path` is the link's, `st` what it is. */
void resolve_link(struct catalog *catalog, const struct view *view,
		  struct listing *listing, const struct item *item,
		  const char *path, const struct stat *st,
		  const struct asker *asker, resolve_fn *fn, void *arg);

#endif
