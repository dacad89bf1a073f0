/*
 * MP3 by LAME without a bit reservoir, so that frames stand alone and any
 * stretch of them can be made by itself.
 *
 *   restart            first_unit                    end_unit
 *   |---- warm-up -----|---------- kept --------------|- look-ahead -
 *
 * A new encoder needs some frames until its filters and its psychoacoustic
 * model have forgotten that there was nothing before; those are made and
 * dropped. It begins at a multiple of MP3_PERIOD, so that it pads the same
 * frames as an encoder that began at the start of the track; the plan has the
 * arithmetic.
 *
 * LAME holds back what it needs to look ahead; it is fed, with silence behind
 * the end of the track, until the last kept frame has come out. So there is
 * nothing to flush, and the last frames are what a flush would give.
 */
#include "transcode/worker/encoder.h"

#include "base/cleanup.h"
#include "transcode/plan/mp3.h"
#include "transcode/worker/fail.h"

#include <lame/lame.h>
#include <math.h>
#include <string.h>

enum {
	CHUNK_FRAMES = 4, /* fed at a time */
	LOOK_AHEAD = 8,	  /* frames; LAME holds back less */
	FRAME_MAX = 1441, /* bytes, at 320 kbit/s and 32 kHz */
	BUFFER_SIZE = (CHUNK_FRAMES + LOOK_AHEAD + 2) * FRAME_MAX + 7200,
};

struct mp3_stream {
	const struct plan *plan;
	struct pcm *pcm;
	const struct sink *sink;
	struct lame_global_struct *lame;
	uint64_t position; /* the next sample to feed */
	uint64_t frame;	   /* the next frame in the buffer */
	uint64_t first;
	uint64_t end;
	size_t filled;
	int32_t samples[CHUNK_FRAMES * MP3_FRAME_SAMPLES * 2];
	uint8_t buffer[BUFFER_SIZE];
};

static void stay_silent(const char *format, va_list arguments)
{
	(void)format, (void)arguments;
}

static int start_lame(struct mp3_stream *stream)
{
	const struct plan *plan = stream->plan;
	lame_t lame = lame_init();

	if (!lame)
		return fail(-ENOMEM, "out of memory");
	stream->lame = lame;
	lame_set_errorf(lame, stay_silent);
	lame_set_debugf(lame, stay_silent);
	lame_set_msgf(lame, stay_silent);
	lame_set_num_channels(lame, (int)plan->output.channels);
	lame_set_in_samplerate(lame, (int)plan->output.rate);
	lame_set_out_samplerate(lame, (int)plan->output.rate);
	lame_set_brate(lame, (int)plan->bit_rate);
	lame_set_quality(lame, (int)plan->profile.lame_quality);
	lame_set_disable_reservoir(lame, 1);
	lame_set_bWriteVbrTag(lame, 0);
	lame_set_write_id3tag_automatic(lame, 0);
	if (plan->output.channels == 1)
		lame_set_mode(lame, MONO);
	if (lame_init_params(lame) < 0)
		return fail(-EINVAL, "LAME refuses %u Hz at %u kbit/s",
			    plan->output.rate, plan->bit_rate);
	return 0;
}

/* Full scale is 2^31: exact for sources of up to 24 bits. */
static int32_t to_int(float sample)
{
	if (sample >= 1.0f)
		return INT32_MAX;
	if (sample >= -1.0f)
		return (int32_t)lrintf(sample * 2147483648.0f);
	return sample < 0 ? INT32_MIN : 0; /* 0: not a number */
}

/* Behind the track's end there is silence, even where a filter rings on. */
static size_t within_track(const struct mp3_stream *stream, size_t count)
{
	uint64_t samples = stream->plan->output.samples;

	if (stream->position >= samples)
		return 0;
	if (samples - stream->position < count)
		return (size_t)(samples - stream->position);
	return count;
}

/* Fills stream->samples with the next `count` frames. */
static int gather(struct mp3_stream *stream, size_t count)
{
	const struct pcm_layout layout = plan_layout(stream->plan);
	size_t wanted = within_track(stream, count);
	int32_t *to = stream->samples;
	uint64_t at = stream->position;

	memset(to, 0, count * layout.channels * sizeof(*to));
	while (wanted > 0) {
		size_t offset = (size_t)(at % layout.rate);
		size_t n = layout.rate - offset;
		const void *block;
		const float *from;
		int error = pcm_block(stream->pcm, &layout, at / layout.rate,
				      &block);

		if (error)
			return error;
		if (n > wanted)
			n = wanted;
		from = (const float *)block + offset * layout.channels;
		for (size_t i = 0; i < n * layout.channels; i++)
			*to++ = to_int(from[i]);
		at += n;
		wanted -= n;
	}
	return 0;
}

static int call_lame(struct mp3_stream *stream, size_t count)
{
	uint8_t *to = stream->buffer + stream->filled;
	int room = (int)(sizeof(stream->buffer) - stream->filled);

	if (stream->plan->output.channels == 1)
		return lame_encode_buffer_int(stream->lame, stream->samples,
					      stream->samples, (int)count, to,
					      room);
	return lame_encode_buffer_interleaved_int(stream->lame, stream->samples,
						  (int)count, to, room);
}

static int feed(struct mp3_stream *stream, size_t count)
{
	int error = gather(stream, count);
	int n;

	if (error)
		return error;
	n = call_lame(stream, count);
	if (n < 0)
		return fail(n == -2 ? -ENOMEM : -EINVAL, "LAME: error %d", n);
	stream->position += count;
	stream->filled += (size_t)n;
	return 0;
}

/* 0: the header is not there yet; -EPROTO: there is none. */
static int frame_size(const struct mp3_stream *stream, size_t at)
{
	const uint8_t *head = stream->buffer + at;
	uint32_t base =
		144000 * stream->plan->bit_rate / stream->plan->output.rate;

	if (stream->filled - at < 4)
		return 0;
	if (head[0] != 0xff || (head[1] & 0xfe) != 0xfa)
		return -EPROTO;
	return (int)base + (head[2] >> 1 & 1);
}

/* Passes on whole frames, the kept ones among them. */
static int drain(struct mp3_stream *stream)
{
	size_t at = 0, keep = 0;
	int error = 0;

	while (stream->frame < stream->end) {
		int size = frame_size(stream, at);

		if (size < 0)
			return fail(size,
				    "LAME made no frame where one is due");
		if (size == 0 || (size_t)size > stream->filled - at)
			break;
		at += (size_t)size;
		if (stream->frame++ < stream->first)
			keep = at;
	}
	if (at > keep)
		error = stream->sink->write(stream->sink->context,
					    stream->buffer + keep, at - keep);
	stream->filled -= at;
	memmove(stream->buffer, stream->buffer + at, stream->filled);
	return error;
}

static uint64_t restart_of(uint64_t first)
{
	return first < MP3_WARM_UP
		       ? 0
		       : (first - MP3_WARM_UP) / MP3_PERIOD * MP3_PERIOD;
}

/* In samples; few towards the end, so that nothing is encoded in vain. */
static size_t next_chunk(const struct mp3_stream *stream)
{
	if (stream->end - stream->frame > CHUNK_FRAMES)
		return (size_t)CHUNK_FRAMES * MP3_FRAME_SAMPLES;
	return MP3_FRAME_SAMPLES;
}

static int run_lame(struct mp3_stream *stream)
{
	uint64_t limit = (stream->end + LOOK_AHEAD) * MP3_FRAME_SAMPLES;
	int error = start_lame(stream);

	while (!error && stream->frame < stream->end) {
		if (stream->position > limit)
			return fail(-EPROTO, "LAME made too few frames");
		error = feed(stream, next_chunk(stream));
		if (!error)
			error = drain(stream);
	}
	return error;
}

static int mp3_segment(const struct plan *plan, const struct segment *segment,
		       struct pcm *pcm, const struct sink *sink)
{
	uint64_t restart = restart_of(segment->first_unit);
	auto_free struct mp3_stream *stream = calloc(1, sizeof(*stream));
	int error;

	if (!stream)
		return fail(-ENOMEM, "out of memory");
	stream->plan = plan;
	stream->pcm = pcm;
	stream->sink = sink;
	stream->position = restart * MP3_FRAME_SAMPLES;
	stream->frame = restart;
	stream->first = segment->first_unit;
	stream->end = segment->end_unit;
	error = run_lame(stream);
	lame_close(stream->lame);
	return error;
}

static void mp3_version(char *text, size_t size)
{
	snprintf(text, size, "lame %s", get_lame_version());
}

const struct encoder encoder_mp3 = {
	.codec = CODEC_MP3,
	.segment = mp3_segment,
	.version = mp3_version,
};
