/* WAV: unchanged blocks. Used only for what is to be kept on disk. */
#include "transcode/worker/encoder.h"

static int wav_segment(const struct plan *plan, const struct segment *segment,
		       struct pcm *pcm, const struct sink *sink)
{
	struct pcm_layout layout = plan_layout(plan);
	const void *bytes;
	int error;

	if (segment->first_unit == segment->end_unit)
		return 0;
	error = pcm_block(pcm, &layout, segment->first_unit / layout.rate,
			  &bytes);
	if (error)
		return error;
	return sink->write(sink->context, bytes,
			   (size_t)(segment->end - segment->start));
}

const struct encoder encoder_wav = {
	.codec = CODEC_WAV,
	.segment = wav_segment,
};
