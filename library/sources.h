/*
 * Which audio files are transcoded in the quality folders, as the options
 * `lossless` and `transcode_lossy_above` say. The others pass through.
 *
 * `lossless` is "all", or words separated by ':' or ',': extensions ("wav",
 * "m4a") and codecs ("flac", "alac", "pcm", "dsd"). A file counts when its
 * extension or its codec is among them; a codec's word takes also the
 * extensions that always mean it ("pcm": .wav, .aiff, ...).
 */
#ifndef LIBRARY_SOURCES_H
#define LIBRARY_SOURCES_H

#include "transcode/transcode.h"

#include <stdbool.h>
#include <stdint.h>

struct sources {
	const char *lossless; /* NULL: all */
	uint32_t lossy_above; /* kbit/s, 0: never */
};

/* Of a file whose extension says that it is lossless. */
bool sources_take_name(const struct sources *sources, const char *name);

/* Of any file of `size` bytes; its mean bit rate is size by duration. */
bool sources_take(const struct sources *sources, const char *name,
		  uint64_t size, const struct facts *facts);

/* Whether it is a word that may stand in `lossless`. */
bool sources_know_word(const char *word);

#endif
