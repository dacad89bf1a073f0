/*
 * Resolving a playlist of a quality folder: what it names are the files as they
 * are called there, by relative paths. Entries of which nothing is found stay
 * as they are, byte for byte, as does all else in the text.
 */
#ifndef LIBRARY_RESOLVE_PLAYLIST_H
#define LIBRARY_RESOLVE_PLAYLIST_H

#include "library/node.h"

#include <sys/stat.h>

struct catalog;

/* Whether an item that is no link is one, in such a view. */
bool resolve_is_playlist(const struct view *view, const struct item *item);

/*
 * As for resolve(); `path` is the playlist's, `st` what it is. One in which
 * nothing changes, and one that cannot be read, is a file that passes through.
 */
void resolve_playlist(struct catalog *catalog, const struct view *view,
		      struct listing *listing, const struct item *item,
		      const char *path, const struct stat *st,
		      const struct asker *asker, node_fn *fn, void *arg);

#endif
