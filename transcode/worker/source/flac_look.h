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
 * that were cut, or of which it cannot be told. `start` is where "fLaC" stands,
 * the input's end that of the last frame.
 */
bool flac_is_doubtful(struct input *input, uint64_t start);

/*
 * Whether frames on the way are of another format than STREAMINFO says, or
 * count from 0 again without a header: then it can only be decoded forward.
 */
bool flac_changes(struct input *input, uint64_t start);

/*
 * Where the last frame of a doubtful one ends, if it is whole; else 0. *most is
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
