/* What a track is rendered as: one of each kind. */
#ifndef TESTS_FUZZ_PROFILES_H
#define TESTS_FUZZ_PROFILES_H

#include "transcode/plan/pcm_layout.h"
#include "transcode/plan/profile.h"

static const struct profile fuzz_profiles[] = {
	{.name = "low", .codec = CODEC_MP3, .bit_rate = 32},
	{.name = "pcm", .codec = CODEC_WAV, .format = PCM_S16},
	{.name = "mono",
	 .codec = CODEC_WAV,
	 .rate = 11025,
	 .channels = 1,
	 .format = PCM_FLOAT},
	{.name = "analysis", .codec = CODEC_ANALYSIS},
};

#endif
