/*
 * Labels: what an entry is, for people and for commands that have no library:
 * "QUALITY\tPATH". QUALITY is the profile's name, "tag" or "analysis"; PATH is
 * the source's when the entry was last opened. Two copies of the same audio
 * share one entry and so one label. Text only, no I/O.
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
 * The text in a map's format, padded with NULs. A path that is too long keeps
 * its end, from a character's first byte on. `label` NULL: none.
 */
void label_fit(const char *label, char room[static LABEL_ROOM]);

/* Parses it; what is invalid is no label: both texts are "". */
void label_parse(const char room[static LABEL_ROOM], struct label *label);

/* Removes doubled and trailing slashes and "./" from a path; "/" becomes "". */
void label_clean_path(char *path);

/*
 * How a (clean) path given by somebody matches a label's path, or a folder
 * above it: LABEL_ALL if it does as a whole; if it is absolute and the label's
 * is not, the length of its longest suffix, from after a '/', that does; 0 if
 * it does not. "" matches every path.
 */
#define LABEL_ALL ((size_t)-1)
size_t label_reach(const char *label_path, bool cut, const char *path);

#endif
