/*
 * Playlists, of the kinds that playlist_text.h lists. Their entries are given
 * as paths in the library; entries outside it, or on the net, are left out.
 */
#ifndef LIBRARY_PLAYLIST_H
#define LIBRARY_PLAYLIST_H

#include <stdbool.h>
#include <sys/stat.h>

struct catalog;

enum { PLAYLIST_SIZE_MAX = 16 << 20 }; /* bytes: it is read into memory */

/* Whether a name is that of a playlist. */
bool playlist_is(const char *name);

/*
 * The playlist's text on the heap, with a NUL behind it, and the version of the
 * file it was read from; `path` is the playlist's in the library, or an
 * absolute one anywhere. -EFBIG; -EINVAL: it is not a file; -errno.
 */
int playlist_load(const struct catalog *catalog, const char *path, char **text,
		  struct stat *st);

/*
 * Calls `found` for each file of the library that a playlist names, in its
 * order, and `missing` for those that are not in the library. Returns like
 * playlist_load(); -EINVAL also: it is malformed; or what `found` gave, which
 * ends it.
 */
int playlist_read(struct catalog *catalog, const char *path,
		  int (*found)(void *arg, const char *path),
		  void (*missing)(void *arg, const char *name), void *arg);

#endif
