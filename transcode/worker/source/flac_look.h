/*
 * Whether a FLAC file is one stream of one format, as nearly all are, by
 * looking at a few positions.
 */
#ifndef WORKER_FLAC_LOOK_H
#define WORKER_FLAC_LOOK_H

#include "transcode/worker/input.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * False for nearly all files. True for those that consist of several, that
 * change, that were cut at either end, or about which nothing can be said.
 * `start` is where "fLaC" is, the input's end that of the last frame.
 */
bool flac_is_doubtful(struct input *input, uint64_t start);

/*
 * Whether some frames have another format than STREAMINFO, or count from 0
 * again without a header, or beyond what it says: then it can only be decoded
 * forward. *first is the number of the first sample according to its frame.
 */
bool flac_changes(struct input *input, uint64_t start, uint64_t *first);

/*
 * How many samples lie before the last frame's end in a doubtful one, if that
 * frame is whole; else 0. *most is
 * how many samples the frames can have, by what STREAMINFO says of these.
 */
uint64_t flac_end(struct input *input, uint64_t start, uint64_t *most);

/*
 * Finds the files that follow each other in this one, at most `most`, and gives
 * their number. Reads all of it.
 */
size_t flac_links(struct input *input, uint64_t start, struct input_part *links,
		  size_t most);

#endif
