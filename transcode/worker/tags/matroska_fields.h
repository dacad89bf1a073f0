/*
 * In Matroska's tags a name means something at a level: TITLE of an album is
 * what others call ALBUM. The names and levels are those of the Matroska tag
 * registry (draft-ietf-cellar-tags, 4 and 5).
 */
#ifndef WORKER_MATROSKA_FIELDS_H
#define WORKER_MATROSKA_FIELDS_H

#include <stdbool.h>

enum matroska_level {
	LEVEL_NONE = 0,
	LEVEL_SUBTRACK = 20,
	LEVEL_TRACK = 30,
	LEVEL_PART = 40,
	LEVEL_ALBUM = 50,
	LEVEL_VOLUME = 60,
	LEVEL_COLLECTION = 70,
};

struct matroska_field {
	const char *name; /* in other formats; perhaps `name` itself */
	const char *also; /* what it is where no lower level says; or NULL */
};

/*
 * What a name is at a level. `has_part`: the album has parts, and their number
 * is its total. False: it describes neither the track nor its album.
 */
bool matroska_field(unsigned level, bool has_part, const char *name,
		    struct matroska_field *field);

/* Of a type such as "ALBUM"; LEVEL_NONE: there is none of this name. */
unsigned matroska_level_of(const char *type);

/* Whether it describes the source's bytes and not the music. */
bool matroska_drops(const char *name);

#endif
