/*
 * Which audio files are transcoded in the quality folders, according to the
 * options `lossless` and `transcode_lossy_above`. The others pass through.
 *
 * `lossless` is "all", or words separated by ':' or ',': extensions ("wav",
 * "m4a") and codecs ("flac", "alac", "pcm", "dsd"). A file is transcoded if its
 * extension or its codec is among them; a codec's word includes the extensions
 * that always imply it ("pcm": .wav, .aiff, ...).
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

/* For a file whose extension says that it is lossless. */
bool sources_take_name(const struct sources *sources, const char *name);

/*
 * For any file of `size` bytes; its mean bit rate is its size by its duration.
 */
bool sources_take(const struct sources *sources, const char *name,
		  uint64_t size, const struct facts *facts);

/* Whether `lossless` may contain this word. */
bool sources_know_word(const char *word);

#endif
