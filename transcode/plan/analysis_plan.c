/*
 * The plan of an analysis: where each part is in its one segment. It is made
 * from blocks of the source itself and, mixed to one channel, at 22.05 kHz.
 */
#include "transcode/plan/analysis_plan.h"
#include "transcode/plan/codec.h"

#include <assert.h>
#include <errno.h>

enum { ROOM = 16384 }; /* of the record; whole pages */

static_assert(sizeof(struct analysis_record) <= ROOM, "the record has grown");

const struct profile analysis_profile = {
	.name = "analysis",
	.codec = CODEC_ANALYSIS,
};

struct analysis_span analysis_span(enum analysis_part part, uint64_t samples)
{
	const uint64_t sizes[] = {
		[ANALYSIS_RECORD] = sizeof(struct analysis_record),
		[ANALYSIS_WAVEFORM] = WAVEFORM_PNG_SIZE,
		[ANALYSIS_SPECTROGRAM] = SPECTROGRAM_PNG_SIZE,
		[ANALYSIS_PEAKS] = peaks_size(samples),
	};
	uint64_t start = 0;

	for (unsigned i = 0; i < part; i++)
		start += i == ANALYSIS_RECORD ? ROOM : sizes[i];
	return (struct analysis_span){start, sizes[part]};
}

static int analysis_plan(struct plan *plan)
{
	const struct shape *in = &plan->source;
	struct analysis_span last = analysis_span(ANALYSIS_PEAKS, in->samples);

	if (peaks_pixels(in->samples) > UINT32_MAX)
		return -EFBIG;
	plan->output = (struct shape){
		.rate = MEASURES_MONO_RATE,
		.channels = 1,
		.samples = shape_samples_at(in, MEASURES_MONO_RATE),
	};
	plan->units = 1;
	plan->segments = 1;
	plan->body_size = last.start + last.size;
	return 0;
}

static struct segment analysis_segment(const struct plan *plan, uint32_t index)
{
	(void)index;
	return (struct segment){.end_unit = 1, .end = plan->body_size};
}

static void no_edge(const struct plan *plan, uint8_t *edge)
{
	(void)plan, (void)edge; /* there is none */
}

const struct codec codec_analysis = {
	.slow = true,
	.version = MEASURES_VERSION,
	.plan = analysis_plan,
	.segment = analysis_segment,
	.head = no_edge,
	.tail = no_edge,
};
