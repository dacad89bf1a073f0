/*
 * FFmpeg for what the other two do not take: lossless formats that libsndfile
 * does not read, and lossy ones whose packets have no reliable positions. A
 * seek lands on some packet before the target; from there everything is decoded
 * and dropped up to the sample that was asked for. That needs a codec that
 * forgets, and time stamps that name samples. A lossy codec, or a container
 * that rounds its time stamps (Matroska: to milliseconds) or has none, is
 * decoded from the start.
 *
 *   exact      time stamps are samples: a gap between two frames is damage and
 *              becomes silence of the right length, so all that follows stays
 *              in its place.
 *   not exact  what comes out is counted.
 *
 * Some decoders depend on what they decoded before (DSD's filter), so a seek
 * takes a new one and begins PRE_ROLL earlier.
 */
#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/describe.h"
#include "transcode/worker/source/source.h"
#include "transcode/worker/source/stretch.h"
#include "transcode/worker/source/usual.h"

#include <string.h>

enum { PRE_ROLL = 8192 };

/* Revisions: other speakers than before; Speex by another decoder. */
enum { NAMED = 2, SPEEX = 4 };

static int open_media(struct ffmpeg_decoder *decoder, struct source_info *info)
{
	int error = describe_open(decoder->input, &decoder->sniff,
				  &decoder->media, info);

	if (!error)
		error = decode_start(&decoder->decode, decoder->media->audio,
				     NULL, 0);
	if (!error)
		decode_name_speakers(&decoder->decode.codec->ch_layout, info);
	return error;
}

static void close_ffmpeg(void *context)
{
	struct ffmpeg_decoder *decoder = context;

	decode_release(&decoder->decode);
	av_packet_free(&decoder->packet);
	media_close(decoder->media);
}

/*
 * Where a header does not tell it, it is the first packet's time stamp: once
 * and for all, for libavformat takes what it reads first after a seek for the
 * stream's beginning.
 */
static void find_origin(struct ffmpeg_decoder *decoder)
{
	AVStream *stream = decoder->media->audio;

	if (decoder->exact && stream->start_time == AV_NOPTS_VALUE)
		decoder->waiting = stretch_read_packet(decoder) == 0;
	if (stream->start_time != AV_NOPTS_VALUE)
		decoder->origin = stream->start_time;
}

static bool is_usual(void *context)
{
	struct ffmpeg_decoder *decoder = context;

	if (!decoder->exact)
		return false;
	if (!decoder->waiting)
		decoder->waiting = stretch_read_packet(decoder) == 0;
	return decoder->waiting &&
	       usual_packet(decoder->media->audio->codecpar, decoder->packet);
}

static void find_part(struct ffmpeg_decoder *decoder, struct source_info *info)
{
	const struct media *media = decoder->media;
	const AVCodecParameters *codec = media->audio->codecpar;

	decoder->heard.to = UINT64_MAX;
	if (codec->codec_id != AV_CODEC_ID_SPEEX)
		return;
	info->revision = SPEEX;
	if (strcmp(media->format->iformat->name, "ogg") != 0)
		return;
	decoder->waiting = stretch_read_packet(decoder) == 0;
	if (decoder->waiting && decoder->packet->pts != AV_NOPTS_VALUE)
		decoder->heard = speex_heard(
			decoder->input, decoder->sniff.start, codec->extradata,
			(size_t)codec->extradata_size, decoder->packet->pts);
	decoder->target = decoder->heard.from;
}

/*
 * Where the container names no speakers (Matroska), what it contains may. It
 * waits to be read then.
 */
static void find_speakers(struct ffmpeg_decoder *decoder,
			  struct source_info *info)
{
	const AVCodecParameters *told = decoder->media->audio->codecpar;
	struct source_info named = *info;

	if (info->channels < 3 ||
	    told->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
		return;
	stretch_decode(decoder);
	decode_name_speakers(&decoder->decode.codec->ch_layout, &named);
	if (memcmp(named.speakers, info->speakers, info->channels) == 0)
		return;
	named.revision ^= NAMED;
	*info = named;
	decode_expect(&decoder->decode, info);
}

static int open_ffmpeg(void *decoder, struct input *input,
		       const struct sniff *sniff, struct source_info *info)
{
	struct ffmpeg_decoder *d = decoder;
	int error;

	d->input = input;
	d->sniff = *sniff;
	d->packet = av_packet_alloc();
	error = d->packet ? decode_init(&d->decode)
			  : fail(-ENOMEM, "out of memory");
	if (!error)
		error = open_media(d, info);
	if (error)
		return error;
	decode_expect(&d->decode, info);
	d->exact = describe_is_exact(d->media);
	find_origin(d);
	find_part(d, info);
	find_speakers(d, info);
	return 0;
}

/* Decodes and drops up to the target. */
static void approach(struct ffmpeg_decoder *decoder)
{
	while (decoder->position < decoder->target && !decoder->finished) {
		uint64_t rest = decoder->target - decoder->position;

		stretch_take(decoder, NULL,
			     rest < SIZE_MAX ? (size_t)rest : SIZE_MAX);
		stretch_decode(decoder);
	}
}

static int seek_by_index(struct ffmpeg_decoder *decoder, uint64_t frame)
{
	AVStream *stream = decoder->media->audio;
	AVRational sample = {1, (int)decoder->decode.rate};
	uint64_t early = frame > PRE_ROLL ? frame - PRE_ROLL : 0;
	int64_t stamp = decoder->origin +
			av_rescale_q((int64_t)early, sample, stream->time_base);

	if (decode_start(&decoder->decode, stream, NULL, 0) != 0 ||
	    av_seek_frame(decoder->media->format, stream->index, stamp,
			  AVSEEK_FLAG_BACKWARD) < 0)
		return -EINVAL;
	stretch_forget(decoder, 0);
	stretch_decode(decoder);
	if (decoder->count == 0 ||
	    decoder->decode.frame->best_effort_timestamp == AV_NOPTS_VALUE)
		return -EINVAL;
	decoder->position += decoder->gap;
	decoder->gap = 0;
	return decoder->position <= early ? 0 : -EINVAL;
}

static int seek_from_start(struct ffmpeg_decoder *decoder)
{
	struct source_info info;

	media_close(decoder->media);
	decoder->media = NULL;
	stretch_forget(decoder, 0);
	return open_media(decoder, &info);
}

static int seek_ffmpeg(void *context, uint64_t frame)
{
	struct ffmpeg_decoder *decoder = context;
	int error = -EINVAL;

	if (decoder->exact && frame > 0)
		error = seek_by_index(decoder, frame);
	if (error)
		error = seek_from_start(decoder);
	decoder->target = decoder->heard.from + frame;
	return error;
}

/* Of so many frames from the position on, those that are heard. */
static size_t heard_of(const struct ffmpeg_decoder *decoder, size_t count)
{
	uint64_t to = decoder->heard.to;
	uint64_t left = to > decoder->position ? to - decoder->position : 0;

	return count < left ? count : (size_t)left;
}

static size_t read_ffmpeg(void *context, float *frames, size_t count,
			  bool *damaged)
{
	struct ffmpeg_decoder *decoder = context;
	size_t done = 0;

	approach(decoder);
	count = heard_of(decoder, count);
	while (done < count) {
		size_t n = stretch_take(
			decoder, frames + done * decoder->decode.channels,
			count - done);

		done += n;
		if (n == 0 && decoder->finished)
			break;
		if (n == 0)
			stretch_decode(decoder);
	}
	*damaged = false;
	return done;
}

static size_t silence_of_ffmpeg(void *context)
{
	struct ffmpeg_decoder *decoder = context;
	size_t silent = decoder->silent;

	decoder->silent = 0;
	return silent;
}

/* Only adds gaps up: a hostile one is longer than anybody can wait. */
static uint64_t count_frames(void *context)
{
	struct ffmpeg_decoder *decoder = context;
	const struct speex_part *heard = &decoder->heard;
	uint64_t end;

	do {
		stretch_decode(decoder);
		while (stretch_take(decoder, NULL, SIZE_MAX) > 0)
			continue;
	} while (!decoder->finished);
	end = decoder->position < heard->to ? decoder->position : heard->to;
	return end > heard->from ? end - heard->from : 0;
}

const struct source_ops source_ffmpeg = {
	.name = "FFmpeg",
	.size = sizeof(struct ffmpeg_decoder),
	.open = open_ffmpeg,
	.seek = seek_ffmpeg,
	.read = read_ffmpeg,
	.silence = silence_of_ffmpeg,
	.is_usual = is_usual,
	.count = count_frames,
	.close = close_ffmpeg,
};
