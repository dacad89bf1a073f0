/*
 * The analysis of a track as the cache keeps it: a rendition like any other,
 * whose body is one segment, because one pass makes all of it:
 *
 *   record | waveform.png | spectrogram.png | peaks.dat
 *
 * Its name is the audio's: copies share it, and new tags leave it as it is.
 */
#ifndef TRANSCODE_ANALYSIS_H
#define TRANSCODE_ANALYSIS_H

#include "analysis/analysis.h"
#include "transcode/profile.h"
#include "transcode/rendition.h"

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
	STAGE_DECODE, /* the wait for decoded audio, by this worker or others */
	STAGE_MEASURE,
	STAGE_DRAW,
	STAGES
};

struct analysis_record {
	struct measures measures;
	uint64_t stage_us[STAGES]; /* what it took, once */
};

/* Where a part lies in the body. */
struct analysis_span {
	uint64_t start;
	uint64_t size;
};

struct analysis_span analysis_span(enum analysis_part part, uint64_t samples);

extern const struct profile analysis_profile;

/*
 * Reads [offset, offset + size) of a part, which must lie within it. What is
 * resident in memory is given at once; else it is read from the cache, or made,
 * and becomes resident. `fn` as for rendition_read(). Counts analysis_hits and
 * analysis_misses.
 */
void analysis_read(struct rendition *rendition, enum analysis_part part,
		   uint64_t offset, size_t size, rendition_read_fn *fn,
		   void *arg);

/*
 * One could not be made. When that happens again, who asks for it is told so at
 * once, as long as that is resident in memory.
 */
void analysis_failed(struct rendition *rendition, const char *reason);

/* One was just made: counts it, and what its stages took. */
void analysis_count(struct rendition *rendition);

#endif
