/* What a name tells of a file, and what it is called in a quality folder. */
#ifndef LIBRARY_NAMES_H
#define LIBRARY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum name_class {
	NAME_OTHER,    /* no audio */
	NAME_LOSSLESS, /* the extension says so */
	NAME_LOSSY,    /* likewise */
	NAME_EITHER,   /* a container for lossless and lossy audio: ask */
};

enum name_class name_classify(const char *name);

/* Behind the last dot, or "". */
const char *name_extension(const char *name);

/*
 * "Song.flac" -> "Song.mp3", or, `whole`, "Song.flac.mp3". -ENAMETOOLONG when
 * that does not fit into `size` bytes.
 */
int name_virtual(const char *name, const char *extension, int whole, char *text,
		 size_t size);

/*
 * How well a file serves as its folder's cover: 0 not at all, else the smaller
 * the better (cover, folder, front; .jpg, .jpeg, .png and other kinds of
 * picture; any case).
 */
unsigned name_cover_rank(const char *name);

/* Whether a name is one that audio has. */
bool name_is_audio(const char *name);

#endif
