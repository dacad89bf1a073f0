/*
 * Playlists: M3U and M3U8 (a path a line), PLS ("File1=..."), XSPF (XML,
 * xspf.org). What they name is given as paths in the library; what lies outside
 * it, and what is on the net, is not.
 */
#ifndef LIBRARY_PLAYLIST_H
#define LIBRARY_PLAYLIST_H

#include <stdbool.h>

struct catalog;

/* Whether a name is that of a playlist. */
bool playlist_is(const char *name);

/*
 * Calls `found` for each file of the library that a playlist names, in its
 * order; `path` is the playlist's in the library, or an absolute one anywhere.
 * `missing` for those that are not in the library. 0; -errno when it
 * cannot be read; -EINVAL: it is broken; or what `found` gave, which ends it.
 */
int playlist_read(struct catalog *catalog, const char *path,
		  int (*found)(void *arg, const char *path),
		  void (*missing)(void *arg, const char *name), void *arg);

#endif
