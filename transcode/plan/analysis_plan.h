/*
 * The analysis of a track as the cache keeps it: a rendition like any other,
 * whose body is one segment, because one pass makes all of it:
 *
 *    record | waveform.png | spectrogram.png | peaks.dat
 *
 * Its key is the audio's: copies share it, and new tags do not affect it.
 */
#ifndef TRANSCODE_PLAN_ANALYSIS_PLAN_H
#define TRANSCODE_PLAN_ANALYSIS_PLAN_H

#include "analysis/analysis.h"
#include "transcode/plan/profile.h"

#include <stddef.h>
#include <stdint.h>

enum analysis_part {
	ANALYSIS_RECORD, /* struct analysis_record */
	ANALYSIS_WAVEFORM,
	ANALYSIS_SPECTROGRAM,
	ANALYSIS_PEAKS,
	ANALYSIS_PARTS
};

enum analysis_stage {
	STAGE_DECODE, /* the time waited for decoded audio made by this
			 worker or others */
	STAGE_MEASURE,
	STAGE_DRAW,
	STAGES
};

struct analysis_record {
	struct measures measures;
	uint64_t stage_us[STAGES]; /* the time each stage took when it was
				      made */
};

/* Where a part is in the body. */
struct analysis_span {
	uint64_t start;
	uint64_t size;
};

struct analysis_span analysis_span(enum analysis_part part, uint64_t samples);

extern const struct profile analysis_profile;

#endif
