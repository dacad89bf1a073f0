/* A profile: one row of the quality table. */
#ifndef TRANSCODE_PROFILE_H
#define TRANSCODE_PROFILE_H

#include <stdint.h>

enum codec_id {
	CODEC_MP3 = 1,
};

struct profile {
	char name[24];	   /* the quality folder's name */
	uint32_t codec;	   /* enum codec_id */
	uint32_t bit_rate; /* kbit/s for two channels; mono gets half */
	uint32_t effort;   /* LAME's quality, 0 (best) to 9 */
};

#endif
