/*
 * The folder's cover, which is embedded in the tags of tracks without a
 * picture.
 */
#ifndef LIBRARY_COVER_H
#define LIBRARY_COVER_H

#include "library/listing.h"
#include "transcode/transcode.h"

#include <sys/stat.h>

struct catalog;

struct cover {
	char *path; /* on the heap; NULL: there is none */
	struct stat st;
	uint32_t size; /* bytes that it adds to a tag */
};

/* Whether all who may read a track may read its folder's cover, if any. */
bool cover_is_for(struct catalog *catalog, struct listing *listing,
		  const char *track, const struct stat *st);

/*
 * Looks for the cover of a listing's folder. 0: it is found, or there is none.
 * -EAGAIN: only its path and status are known; ask the engine for the facts of
 * that file and pass them to cover_take_facts().
 */
int cover_find(struct catalog *catalog, struct listing *listing,
	       struct cover *cover);

/*
 * `facts` may be NULL: they are not available. A file that is not a picture is
 * no cover.
 */
void cover_take_facts(struct listing *listing, struct cover *cover,
		      const struct facts *facts);

/* Asks the engine for what cover_find() will need. */
void cover_ask_ahead(struct catalog *catalog, struct listing *listing);

void cover_release(struct cover *cover);

/* The later one of each time stamp: whichever is newer has changed the MP3. */
void cover_move_times(const struct cover *cover, struct stat *st);

#endif
