/* What must be known about an Ogg file beyond what FFmpeg reports. */
#ifndef WORKER_OGG_H
#define WORKER_OGG_H

#include "transcode/worker/input.h"

#include <stdbool.h>

/*
 * Whether several streams follow each other, each with its own headers and time
 * stamps. `start` is where the first page is.
 */
bool ogg_is_chained(struct input *input, uint64_t start);

/*
 * Finds the links of a chain, at most `most`; gives their number, 1 or 0 if it
 * is not a chain. Reads the file's head, its tail and a few places between; of
 * a chain, also all page headers.
 */
size_t ogg_links(struct input *input, uint64_t start, struct input_part *links,
		 size_t most);

/*
 * The granule position of the last page that has one: where the audio ends, in
 * frames of the codec. -1: there is none. *alone tells whether that page is
 * the only one with audio.
 */
int64_t ogg_end(struct input *input, uint64_t start, bool *alone);

#endif
