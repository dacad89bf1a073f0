/*
 * The header of a FLAC file (RFC 9639, 8): enough for its facts and for the
 * position of its audio, without decoding.
 */
#ifndef WORKER_FLAC_H
#define WORKER_FLAC_H

#include "transcode/worker/input.h"
#include "transcode/worker/source/flac_frame.h"

#include <stdbool.h>
#include <stdint.h>

#define FLAC_STREAMINFO_SIZE 34

struct flac_header {
	uint8_t streaminfo[FLAC_STREAMINFO_SIZE];
	uint64_t audio;	  /* bytes from the file's start to the first frame */
	uint64_t samples; /* per channel, 0: unknown */
	uint32_t rate;	  /* Hz */
	uint32_t channels;
	uint32_t bits;
};

/* `start` is where "fLaC" is. -EINVAL: damaged. */
int flac_read_header(struct input *input, uint64_t start,
		     struct flac_header *header);

/* Fills all but `audio` from STREAMINFO's FLAC_STREAMINFO_SIZE bytes. */
void flac_parse(const uint8_t *streaminfo, struct flac_header *header);

/*
 * The speakers that a comment names (RFC 9639, 8.6.2), as WAVE's bits; 0 if
 * none does, or if they are the usual ones, or do not match the number of
 * channels. One or two channels are never mixed down, so theirs do not matter.
 */
uint32_t flac_channel_mask(struct input *input, uint64_t start);

/*
 * The same for any comment of an Ogg file, or of FLAC's blocks elsewhere; or 0.
 */
uint32_t flac_mask_in_ogg(struct input *input, uint64_t start);
uint32_t flac_mask_in_blocks(struct input *input, uint64_t start);

/* Whether a frame has STREAMINFO's rate, channels and bits. */
bool flac_is_as_announced(const struct flac_frame *frame,
			  const struct flac_header *header);

/* False: there is no frame behind the header. */
bool flac_first_frame(struct input *input, const struct flac_header *header,
		      struct flac_frame *frame);

/*
 * Whether the first frame is where it should be and agrees with STREAMINFO, so
 * that there is no reason to doubt that it can be decoded.
 */
bool flac_begins(struct input *input, const struct flac_header *header);

/*
 * Seeking needs the block sizes, which STREAMINFO may state wrongly: then the
 * first frame gives the right ones. False: all is right, or unknown.
 */
bool flac_mend(struct input *input, uint64_t start, struct input_patch *patch);

#endif
