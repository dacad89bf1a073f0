/*
 * How many samples per channel a lossy file's decoder gives, without decoding.
 */
#ifndef WORKER_LENGTH_H
#define WORKER_LENGTH_H

#include "transcode/worker/source/packets.h"

#include <stdint.h>

/* A second, in the coarsest ticks of an edit list in use: QuickTime's. */
enum { LENGTH_EDIT_TICKS = 600 };

/* What the container states, if it can be trusted; 0: nothing. */
uint64_t length_told(struct packets *packets, struct input *input,
		     const struct sniff *sniff);

/*
 * For all packets of an MP4, ignoring its edit list, in frames of the decoded
 * audio's rate; 0: unknown.
 */
int64_t length_unedited(struct input *input, const struct sniff *sniff,
			int rate);

/* Walks all packets. */
uint64_t length_walked(struct packets *packets, struct input *input,
		       const struct sniff *sniff);

#endif
