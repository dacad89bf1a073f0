/*
 * Which frame a field of any tag format becomes: the names that MusicBrainz
 * Picard and beets write, and FFmpeg's, by their letters and digits in lower
 * case.
 */
#ifndef WORKER_TAG_TABLE_H
#define WORKER_TAG_TABLE_H

#include <stddef.h>

#define TAG_KEYS_MAX 8

enum tag_kind {
	TEXT,	   /* its values, as they are */
	NUMBER,	   /* "n" or "n/m"; the next row has the totals */
	TOTAL,	   /* "m" */
	DATE,	   /* a time stamp; anything else is not claimed */
	ROLE,	   /* a pair: `description` and the name */
	PERFORMER, /* a pair, from "name (instrument)" */
	COMMENT,   /* with a language; whatever names it has, all are kept */
	LYRICS,	   /* the same, one frame per value */
	URL,	   /* one frame per value; of a license, if it is a URL */
	UFID,	   /* `description` is the owner */
	AUDIO,	   /* true of the source's audio but not of the MP3's:
		      dropped */
};

struct tag_row {
	char id[5];
	enum tag_kind kind;
	const char *description; /* of the frame, or of one that is added */
	const char *keys[TAG_KEYS_MAX];
};

extern const struct tag_row tag_table[];
extern const int tag_table_rows;

#endif
