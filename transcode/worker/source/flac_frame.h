/* Headers of FLAC's frames, and the frames themselves (RFC 9639, 9). */
#ifndef WORKER_FLAC_FRAME_H
#define WORKER_FLAC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAC_FRAME_HEAD 16 /* bytes, at most */

struct flac_frame {
	uint32_t samples; /* per channel */
	uint32_t rate;	  /* Hz, 0: as STREAMINFO says */
	uint32_t channels;
	uint32_t bits;	 /* 0: as STREAMINFO says */
	bool fixed;	 /* all frames have as many samples as the first */
	uint64_t number; /* of the frame, if fixed, else of its first sample */
};

/* False: there is no header here, according to its checksum or content. */
bool flac_parse_frame(const uint8_t *bytes, size_t size,
		      struct flac_frame *frame);

/*
 * The first frame in `bytes` whose checksum is right and that another one
 * follows.
 */
bool flac_find_frame(const uint8_t *bytes, size_t size,
		     struct flac_frame *frame);

/* The one that ends with the last byte. */
bool flac_find_last_frame(const uint8_t *bytes, size_t size,
			  struct flac_frame *frame);

#endif
