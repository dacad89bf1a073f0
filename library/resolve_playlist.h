/*
 * Resolving a playlist of a quality folder: its entries are rewritten to the
 * names of the files in that folder, by relative paths. Entries that match no
 * file stay unchanged, byte for byte, as does all other text.
 */
#ifndef LIBRARY_RESOLVE_PLAYLIST_H
#define LIBRARY_RESOLVE_PLAYLIST_H

#include "library/node.h"

#include <sys/stat.h>

struct catalog;

/* Whether an item that is not a link is a playlist, in such a view. */
bool resolve_is_playlist(const struct view *view, const struct item *item);

/*
 * As for resolve(); `path` is the playlist's, `st` its status. A playlist in
 * which nothing changes, or that cannot be read, passes through.
 */
void resolve_playlist(struct catalog *catalog, const struct view *view,
		      struct listing *listing, const struct item *item,
		      const char *path, const struct stat *st,
		      const struct asker *asker, node_fn *fn, void *arg);

#endif
