/*
 * Finds what an entry of a playlist means. Playlists come from other programs
 * and other machines. So an entry that leads nowhere as it is written is tried
 * in the ways that these write names: percent-escapes, backslashes, upper and
 * lower case, composed and decomposed letters (Unicode's NFC), the usual
 * encodings before UTF-8, and absolute paths of a library in another place. The
 * file that exists decides what was meant; the literal name comes first.
 */
#ifndef LIBRARY_PLAYLIST_FIND_H
#define LIBRARY_PLAYLIST_FIND_H

#include "library/folded.h"
#include "library/playlist_text.h"

struct catalog;

/*
 * How many paths that lead nowhere are tried for one playlist: some ten for
 * each missing entry, and an end of playlists made to keep us busy.
 */
enum { PLAYLIST_MISSES_MAX = 20000 };

/*
 * Likewise names of paths that are looked at, four more for each path: some
 * 60,000 entries of usual depth.
 */
enum { PLAYLIST_LOOKS_MAX = 400000 };

/* For one playlist, on one thread; initialize with {catalog, path}. */
struct playlist_finder {
	const struct catalog *catalog;
	const char *path; /* the playlist's path in the library, or absolute */
	struct folded names;
	unsigned misses;
	unsigned looks;
};

/*
 * The file's path in the library, without links, on the heap. -ENOENT: there is
 * none, or it is on the net; -E2BIG: too many failed; -ENOMEM.
 */
int playlist_find(struct playlist_finder *finder,
		  const struct playlist_entry *entry, char **path);

void playlist_finder_release(struct playlist_finder *finder);

#endif
