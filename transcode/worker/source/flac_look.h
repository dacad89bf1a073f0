/*
 * Whether a FLAC file is one stream of one format, as nearly all are, by a look
 * at a few places.
 */
#ifndef WORKER_FLAC_LOOK_H
#define WORKER_FLAC_LOOK_H

#include "transcode/worker/input.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * False for nearly all files. True for those that are several, that change,
 * that were cut at either end, or of which it cannot be told. `start` is where
 * "fLaC" stands, the input's end that of the last frame.
 */
bool flac_is_doubtful(struct input *input, uint64_t start);

/*
 * Whether frames on the way are of another format than STREAMINFO says, or
 * count from 0 again without a header, or beyond what it says: then it can only
 * be decoded forward. *first is what the first sample's frame calls it.
 */
bool flac_changes(struct input *input, uint64_t start, uint64_t *first);

/*
 * How many samples lie before the last frame's end in a doubtful one, if that
 * frame is whole; else 0. *most is
 * how many samples the frames can have, by what STREAMINFO says of these.
 */
uint64_t flac_end(struct input *input, uint64_t start, uint64_t *most);

/*
 * Finds the files that lie one behind the other in this one, at most `most`,
 * and gives their number. Reads all of it.
 */
size_t flac_links(struct input *input, uint64_t start, struct input_part *links,
		  size_t most);

#endif
