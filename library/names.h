/* What a file's name says about it, and its name in a quality folder. */
#ifndef LIBRARY_NAMES_H
#define LIBRARY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum name_class {
	NAME_OTHER,    /* no audio */
	NAME_LOSSLESS, /* the extension says so */
	NAME_LOSSY,    /* the same */
	NAME_EITHER,   /* a container for lossless or lossy audio: probe it */
};

enum name_class name_classify(const char *name);

/* What follows the last dot, or "". */
const char *name_extension(const char *name);

/*
 * "Song.flac" -> "Song.mp3", or, with `whole`, "Song.flac.mp3". -ENAMETOOLONG:
 * it does not fit into `size` bytes.
 */
int name_virtual(const char *name, const char *extension, int whole, char *text,
		 size_t size);

/*
 * How well a file serves as its folder's cover: 0 not at all, otherwise the
 * smaller the better (cover, folder, front; .jpg, .jpeg, .png and other kinds
 * of picture; any case).
 */
unsigned name_cover_rank(const char *name);

/* Whether a name is one of an audio file. */
bool name_is_audio(const char *name);

#endif
