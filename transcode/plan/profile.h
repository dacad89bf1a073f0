/* A profile: one row of the quality table. */
#ifndef TRANSCODE_PLAN_PROFILE_H
#define TRANSCODE_PLAN_PROFILE_H

#include <stdint.h>

#define PROFILE_NAME_MAX 39 /* bytes */
#define PROFILES_MAX 48	    /* maximum number of qualities of a mount */

#define PROFILE_LAME_QUALITY 3 /* the default */

enum codec_id {
	CODEC_MP3 = 1,
	CODEC_WAV,
	CODEC_ANALYSIS, /* not audio: see analysis_plan.h */
};

struct profile {
	char name[PROFILE_NAME_MAX + 1]; /* the quality folder's name */
	uint32_t codec;			 /* enum codec_id */
	uint32_t bit_rate; /* MP3: kbit/s; without `channels` mono gets half */
	uint32_t lame_quality; /* MP3: LAME's quality, 0 (best) to 9 */
	uint32_t rate;	       /* Hz, 0: the source's; MP3: or near it */
	uint32_t channels; /* 0: the source's, MP3: at most 2; else 1 or 2 */
	uint32_t format;   /* WAV: enum pcm_format */
	uint32_t on_disk;  /* WAV: 1: kept in the cache, too */
};

#endif
