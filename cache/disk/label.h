/*
 * Labels: what an entry is, for people and for commands that have no library:
 * "QUALITY\tPATH". QUALITY is the profile's name, "tag" or "analysis"; PATH is
 * the source's, as whoever opened the entry last had it. Two copies of the same
 * audio are one entry and so have one label. Text only, no I/O.
 */
#ifndef CACHE_DISK_LABEL_H
#define CACHE_DISK_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_ROOM 504	 /* bytes of text in a map, with its NUL */
#define LABEL_QUALITY 40 /* bytes of a quality, with its NUL */

struct label {
	char quality[LABEL_QUALITY]; /* "": nothing is known */
	char path[LABEL_ROOM];
	bool cut; /* the path may be the end of a longer one */
};

/*
 * The text as a map has it, filled up with NULs. Of a path that is too long the
 * end is kept, from a character's first byte on. `label` NULL: none.
 */
void label_fit(const char *label, char room[static LABEL_ROOM]);

/* Takes it apart; what makes no sense is no label: both texts are "". */
void label_parse(const char room[static LABEL_ROOM], struct label *label);

/* Takes doubled and trailing slashes and "./" out of a path; "/" becomes "". */
void label_clean_path(char *path);

/*
 * How a (clean) path that somebody gave names a label's path, or a folder
 * above it: LABEL_ALL when it does so as a whole; when it is absolute and the
 * label's is not, the length of its longest end, from after a '/', that does
 * so; 0 when it does not. "" names every path.
 */
#define LABEL_ALL ((size_t)-1)
size_t label_reach(const char *label_path, bool cut, const char *path);

#endif
