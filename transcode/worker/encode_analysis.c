/*
 * Analysis: every second of a track is measured once, as it is and mixed to one
 * channel at 22.05 kHz, from the shared blocks.
 *
 * The peaks come last in the segment but are made first, so they are kept until
 * everything else is written: 1.2 MB an hour.
 */
#include "transcode/worker/encoder.h"

#include "analysis/pass.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "transcode/plan/analysis_plan.h"
#include "transcode/worker/fail.h"

#include <errno.h>
#include <string.h>

struct analyzing {
	const struct plan *plan;
	struct pcm *pcm;
	const struct sink *sink;
	struct pass *pass;
	uint64_t decode_ns;
	uint64_t silent; /* before this task */
	uint8_t *bytes;	 /* of the whole segment */
	uint64_t peaks;	 /* bytes of peaks so far */
};

static int keep_peaks(void *context, const uint8_t *bytes, size_t size)
{
	struct analyzing *a = context;
	struct analysis_span span =
		analysis_span(ANALYSIS_PEAKS, a->plan->source.samples);

	if (size > span.size - a->peaks)
		return -EPROTO;
	memcpy(a->bytes + span.start + a->peaks, bytes, size);
	a->peaks += size;
	return 0;
}

static int get_block(struct analyzing *a, const struct pcm_layout *layout,
		     uint64_t second, const void **bytes)
{
	int64_t began = clock_ns();
	int err = pcm_block(a->pcm, layout, second, bytes);

	a->decode_ns += (uint64_t)(clock_ns() - began);
	return err;
}

/* The frames of a second that belong to a track of this shape. */
static size_t frames_in(const struct shape *shape, uint64_t second)
{
	uint64_t start = second * shape->rate;

	if (start >= shape->samples)
		return 0;
	return shape->samples - start < shape->rate
		       ? (size_t)(shape->samples - start)
		       : shape->rate;
}

/*
 * One channel first: it needs the following second, too, which is then at hand.
 */
static int measure_second(struct analyzing *a, uint64_t second)
{
	const struct shape *source = &a->plan->source;
	const struct shape *mono = &a->plan->output;
	const struct pcm_layout native = {source->rate, source->channels,
					  PCM_FLOAT};
	const struct pcm_layout mixed = {mono->rate, 1, PCM_FLOAT};
	const void *bytes;
	int err = get_block(a, &mixed, second, &bytes);

	if (err)
		return err;
	err = pass_mono(a->pass, bytes, frames_in(mono, second));
	if (err)
		return fail(err, "cannot measure");
	err = get_block(a, &native, second, &bytes);
	if (err)
		return err;
	err = pass_native(a->pass, bytes, frames_in(source, second));
	return err ? fail(err, "cannot measure") : 0;
}

static void put_record(struct analyzing *a, const struct measures *measures)
{
	struct analysis_record record = {.measures = *measures};
	uint64_t measure_ns, draw_ns;

	pass_times(a->pass, &measure_ns, &draw_ns);
	record.measures.silent = pcm_silent(a->pcm) - a->silent;
	record.stage_us[STAGE_DECODE] = a->decode_ns / 1000;
	record.stage_us[STAGE_MEASURE] = measure_ns / 1000;
	record.stage_us[STAGE_DRAW] = draw_ns / 1000;
	memcpy(a->bytes, &record, sizeof(record));
}

static int finish_analysis(struct analyzing *a)
{
	uint64_t samples = a->plan->source.samples;
	struct analysis_span waveform =
		analysis_span(ANALYSIS_WAVEFORM, samples);
	struct analysis_span spectrogram =
		analysis_span(ANALYSIS_SPECTROGRAM, samples);
	struct measures measures;
	int err = pass_finish(a->pass, &measures, a->bytes + waveform.start,
			      a->bytes + spectrogram.start);

	if (err)
		return fail(err, "cannot finish the analysis");
	put_record(a, &measures);
	return 0;
}

static int analyze(struct analyzing *a)
{
	const struct shape *source = &a->plan->source;
	uint64_t seconds = (source->samples + source->rate - 1) / source->rate;
	int err = 0;

	for (uint64_t second = 0; !err && second < seconds; second++)
		err = measure_second(a, second);
	return err ? err : finish_analysis(a);
}

static int begin_analysis(struct analyzing *a)
{
	const struct shape *source = &a->plan->source;
	const struct pass_config config = {
		.rate = source->rate,
		.channels = source->channels,
		.bits = pcm_bits(a->pcm),
		.samples = source->samples,
		.write_peaks = keep_peaks,
		.context = a,
		.alive = a->sink->alive,
		.alive_context = a->sink->context,
	};
	int err = pass_create(&config, &a->pass);

	return err ? fail(err, "cannot begin the analysis") : 0;
}

static int analysis_segment(const struct plan *plan,
			    const struct segment *segment, struct pcm *pcm,
			    const struct sink *sink)
{
	size_t size = (size_t)(segment->end - segment->start);
	auto_free uint8_t *bytes = calloc(1, size);
	struct analyzing a = {
		.plan = plan,
		.pcm = pcm,
		.sink = sink,
		.silent = pcm_silent(pcm),
		.bytes = bytes,
	};
	int err;

	if (!bytes)
		return fail(-ENOMEM, "out of memory");
	err = begin_analysis(&a);
	if (!err)
		err = analyze(&a);
	pass_free(a.pass);
	return err ? err : sink->write(sink->context, bytes, size);
}

const struct encoder encoder_analysis = {
	.codec = CODEC_ANALYSIS,
	.segment = analysis_segment,
};
