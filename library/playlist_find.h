/*
 * What an entry of a playlist means. Playlists come from other programs and
 * other machines, so an entry that leads nowhere as it stands is tried as
 * these write it: percent-escapes, backslashes, upper and lower case, composed
 * and decomposed letters (Unicode's NFC), the usual encodings before UTF-8,
 * and absolute paths of a library that lies elsewhere. A file that is there
 * decides what was meant; as it stands comes first.
 */
#ifndef LIBRARY_PLAYLIST_FIND_H
#define LIBRARY_PLAYLIST_FIND_H

#include "library/folded.h"
#include "library/playlist_text.h"

struct catalog;

/*
 * Paths that are tried for one playlist and lead nowhere: some ten for each
 * entry that is not there, and an end of playlists made to keep us busy.
 */
enum { PLAYLIST_MISSES_MAX = 20000 };

/* Of one playlist, on one thread; {catalog, path} to begin with. */
struct playlist_finder {
	const struct catalog *catalog;
	const char *path; /* the playlist's in the library, or absolute */
	struct folded names;
	unsigned misses;
};

/*
 * The file's path in the library, without links, on the heap. -ENOENT: there
 * is none, or it is on the net; -E2BIG: there were too many of these; -ENOMEM.
 */
int playlist_find(struct playlist_finder *finder,
		  const struct playlist_entry *entry, char **path);

void playlist_finder_release(struct playlist_finder *finder);

#endif
