/*
 * Which speaker each channel is for, if the file says so and no library reports
 * it, or reports another order.
 */
#ifndef WORKER_LAYOUT_H
#define WORKER_LAYOUT_H

#include "transcode/worker/source/source.h"

/*
 * What `info` has of its audio leads to where to look. False: the file says
 * nothing, or not of as many channels; `speakers` is untouched then. One or two
 * channels are never mixed down, so nobody looks for theirs.
 */
bool layout_find(struct input *input, const struct sniff *sniff,
		 const struct source_info *info, uint8_t *speakers);

#endif
