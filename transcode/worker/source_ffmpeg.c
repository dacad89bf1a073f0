/*
 * FFmpeg for everything that libsndfile does not read. Its seeks land on some
 * packet before the place; from there everything is decoded and dropped up to
 * the sample that was asked for. That needs time stamps that name samples: a
 * container that rounds them (Matroska: to milliseconds), or has none, is
 * decoded from its beginning.
 *
 *   exact      time stamps are samples: a gap between two frames is damage and
 *              becomes silence of the right length, so all that follows stays
 *              in its place.
 *   not exact  what comes out is counted.
 *
 * Some decoders remember what they decoded before (DSD's filter), so a seek
 * takes a new one and begins PRE_ROLL earlier.
 */
#include "base/cleanup.h"
#include "transcode/worker/describe.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/media.h"
#include "transcode/worker/source.h"

#include <libavcodec/avcodec.h>
#include <libswresample/swresample.h>
#include <string.h>

enum { PRE_ROLL = 8192, MAX_ERRORS = 256 };

struct decoder {
	struct input *input;
	struct sniff sniff;
	struct media *media;
	AVCodecContext *codec;
	SwrContext *converter; /* of sample formats only */
	int format;	       /* that it converts from */
	AVPacket *packet;
	AVFrame *frame;
	uint32_t rate;
	uint32_t channels;
	bool exact;

	/* The stretch that waits to be read: silence, then samples. */
	uint64_t gap; /* frames of silence */
	float *samples;
	size_t capacity; /* frames */
	size_t count;	 /* frames in `samples` */
	size_t taken;	 /* of them */

	uint64_t position; /* of the first frame of that stretch */
	uint64_t target;   /* what lies before is dropped */
	unsigned errors;   /* in a row */
	bool finished;
};

static int open_codec(struct decoder *decoder)
{
	const AVCodecParameters *par = decoder->media->audio->codecpar;
	const AVCodec *codec = avcodec_find_decoder(par->codec_id);
	int error;

	avcodec_free_context(&decoder->codec);
	if (!codec)
		return fail(-EINVAL, "no decoder for %s",
			    avcodec_get_name(par->codec_id));
	decoder->codec = avcodec_alloc_context3(codec);
	if (!decoder->codec ||
	    avcodec_parameters_to_context(decoder->codec, par) < 0)
		return fail(-ENOMEM, "out of memory");
	decoder->codec->thread_count = 1;
	decoder->codec->pkt_timebase = decoder->media->audio->time_base;
	error = avcodec_open2(decoder->codec, codec, NULL);
	return error < 0 ? media_fail(error, "cannot decode") : 0;
}

static void forget_stretch(struct decoder *decoder, uint64_t position)
{
	decoder->gap = 0;
	decoder->count = 0;
	decoder->taken = 0;
	decoder->position = position;
	decoder->errors = 0;
	decoder->finished = false;
}

/* A container may name other speakers than the decoder then gives. */
static void prefer_decoder_order(const AVCodecContext *codec,
				 struct source_info *info)
{
	const AVChannelLayout *layout = &codec->ch_layout;

	if (layout->order == AV_CHANNEL_ORDER_NATIVE &&
	    layout->nb_channels == (int)info->channels)
		describe_speakers(layout, info);
}

static int open_media(struct decoder *decoder, struct source_info *info)
{
	int error = media_open(decoder->input, decoder->sniff.demuxer,
			       &decoder->media);

	if (error)
		return error;
	if (!decoder->media->audio)
		error = media_look_closer(decoder->media);
	if (!error && !decoder->media->audio)
		error = fail(-EINVAL, "no audio in the file");
	if (!error)
		error = describe(decoder->media, &decoder->sniff, info);
	if (!error)
		error = open_codec(decoder);
	if (!error)
		prefer_decoder_order(decoder->codec, info);
	return error;
}

static void close_decoder(void *context)
{
	struct decoder *decoder = context;

	avcodec_free_context(&decoder->codec);
	swr_free(&decoder->converter);
	av_packet_free(&decoder->packet);
	av_frame_free(&decoder->frame);
	media_close(decoder->media);
	free(decoder->samples);
	free(decoder);
}

static int open_decoder(struct input *input, const struct sniff *sniff,
			void **decoder, struct source_info *info)
{
	struct decoder *d = calloc(1, sizeof(*d));
	int error;

	if (!d)
		return fail(-ENOMEM, "out of memory");
	d->input = input;
	d->sniff = *sniff;
	d->packet = av_packet_alloc();
	d->frame = av_frame_alloc();
	if (d->packet && d->frame)
		error = open_media(d, info);
	else
		error = fail(-ENOMEM, "out of memory");
	if (error) {
		close_decoder(d);
		return error;
	}
	d->rate = info->rate;
	d->channels = info->channels;
	d->exact = describe_is_exact(d->media);
	*decoder = d;
	return 0;
}

static int64_t start_of(const AVStream *stream)
{
	return stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
}

static uint64_t frame_position(const struct decoder *decoder)
{
	const AVStream *stream = decoder->media->audio;
	AVRational sample = {1, (int)decoder->rate};
	int64_t stamp = decoder->frame->best_effort_timestamp;
	int64_t at;

	if (!decoder->exact || stamp == AV_NOPTS_VALUE)
		return decoder->position;
	at = av_rescale_q(stamp - start_of(stream), stream->time_base, sample);
	return at < 0 ? 0 : (uint64_t)at;
}

static bool reserve(struct decoder *decoder, size_t frames)
{
	float *samples;

	if (frames <= decoder->capacity)
		return true;
	samples = realloc(decoder->samples,
			  frames * decoder->channels * sizeof(*samples));
	if (!samples)
		return false;
	decoder->samples = samples;
	decoder->capacity = frames;
	return true;
}

/* The layout does not matter: channels keep their order. */
static bool prepare_converter(struct decoder *decoder)
{
	AVChannelLayout layout = {0};

	if (decoder->converter && decoder->format == decoder->frame->format)
		return true;
	swr_free(&decoder->converter);
	decoder->format = decoder->frame->format;
	av_channel_layout_default(&layout, (int)decoder->channels);
	return swr_alloc_set_opts2(&decoder->converter, &layout,
				   AV_SAMPLE_FMT_FLT, (int)decoder->rate,
				   &layout, decoder->frame->format,
				   (int)decoder->rate, 0, NULL) >= 0 &&
	       swr_init(decoder->converter) >= 0;
}

/* A frame of another rate or with other channels is worth its time only. */
static bool convert_frame(struct decoder *decoder)
{
	AVFrame *frame = decoder->frame;
	uint8_t *planes[1];
	int n;

	if (frame->sample_rate != (int)decoder->rate ||
	    frame->ch_layout.nb_channels != (int)decoder->channels ||
	    !reserve(decoder, (size_t)frame->nb_samples) ||
	    !prepare_converter(decoder))
		return false;
	planes[0] = (uint8_t *)decoder->samples;
	n = swr_convert(decoder->converter, planes, frame->nb_samples,
			(const uint8_t **)frame->extended_data,
			frame->nb_samples);
	return n == frame->nb_samples;
}

/* Puts a decoded frame behind what has been read so far. */
static void take_frame(struct decoder *decoder)
{
	uint64_t at = frame_position(decoder);
	size_t count = (size_t)decoder->frame->nb_samples;

	decoder->gap = at > decoder->position ? at - decoder->position : 0;
	decoder->taken = 0;
	decoder->count = count;
	if (!convert_frame(decoder)) {
		decoder->gap += count;
		decoder->count = 0;
	} else if (at < decoder->position) {
		uint64_t overlap = decoder->position - at;

		decoder->taken = overlap < count ? (size_t)overlap : count;
	}
	decoder->errors = 0;
}

/* What a packet that nobody can decode was worth, where that is known. */
static void skip_packet(struct decoder *decoder)
{
	AVRational sample = {1, (int)decoder->rate};

	if (decoder->exact || decoder->packet->duration <= 0)
		return;
	decoder->gap = (uint64_t)av_rescale_q(decoder->packet->duration,
					      decoder->media->audio->time_base,
					      sample);
}

static void feed_packet(struct decoder *decoder)
{
	int error = av_read_frame(decoder->media->format, decoder->packet);

	if (error == AVERROR_EOF)
		avcodec_send_packet(decoder->codec, NULL);
	else if (error < 0)
		decoder->errors++;
	if (error < 0)
		return;
	if (decoder->packet->stream_index == decoder->media->audio->index &&
	    avcodec_send_packet(decoder->codec, decoder->packet) < 0) {
		decoder->errors++;
		skip_packet(decoder);
	}
	av_packet_unref(decoder->packet);
}

/* Until there is something to read, or nothing more to come. */
static void decode_more(struct decoder *decoder)
{
	while (!decoder->finished && decoder->gap == 0 &&
	       decoder->taken == decoder->count) {
		int error =
			avcodec_receive_frame(decoder->codec, decoder->frame);

		if (error >= 0)
			take_frame(decoder);
		else if (error == AVERROR(EAGAIN))
			feed_packet(decoder);
		else if (error != AVERROR_EOF)
			decoder->errors++;
		decoder->finished =
			error == AVERROR_EOF || decoder->errors > MAX_ERRORS;
	}
}

/* Takes up to `count` frames of the stretch; `to` may be NULL. */
static size_t take_samples(struct decoder *decoder, float *to, size_t count)
{
	size_t size = decoder->channels * sizeof(*to);
	size_t n = decoder->count - decoder->taken;

	if (decoder->gap > 0) {
		n = decoder->gap < count ? (size_t)decoder->gap : count;
		if (to)
			memset(to, 0, n * size);
		decoder->gap -= n;
	} else {
		n = n < count ? n : count;
		if (to && n > 0)
			memcpy(to,
			       decoder->samples +
				       decoder->taken * decoder->channels,
			       n * size);
		decoder->taken += n;
	}
	decoder->position += n;
	return n;
}

/* Decodes and drops up to the target. */
static void approach(struct decoder *decoder)
{
	while (decoder->position < decoder->target && !decoder->finished) {
		uint64_t rest = decoder->target - decoder->position;

		take_samples(decoder, NULL,
			     rest < SIZE_MAX ? (size_t)rest : SIZE_MAX);
		decode_more(decoder);
	}
}

static int seek_by_index(struct decoder *decoder, uint64_t frame)
{
	AVStream *stream = decoder->media->audio;
	AVRational sample = {1, (int)decoder->rate};
	uint64_t early = frame > PRE_ROLL ? frame - PRE_ROLL : 0;
	int64_t stamp = start_of(stream) +
			av_rescale_q((int64_t)early, sample, stream->time_base);
	int error = open_codec(decoder);

	if (error)
		return error;
	if (av_seek_frame(decoder->media->format, stream->index, stamp,
			  AVSEEK_FLAG_BACKWARD) < 0)
		return -EINVAL;
	forget_stretch(decoder, 0);
	decode_more(decoder);
	if (decoder->count == 0 ||
	    decoder->frame->best_effort_timestamp == AV_NOPTS_VALUE)
		return -EINVAL;
	decoder->position += decoder->gap;
	decoder->gap = 0;
	return decoder->position <= early ? 0 : -EINVAL;
}

static int seek_from_start(struct decoder *decoder)
{
	struct source_info info;
	int error;

	media_close(decoder->media);
	decoder->media = NULL;
	error = open_media(decoder, &info);
	if (!error)
		forget_stretch(decoder, 0);
	return error;
}

static int seek(void *context, uint64_t frame)
{
	struct decoder *decoder = context;
	int error = -EINVAL;

	if (decoder->exact && frame > 0)
		error = seek_by_index(decoder, frame);
	if (error)
		error = seek_from_start(decoder);
	decoder->target = frame;
	return error;
}

static size_t read_frames(void *context, float *frames, size_t count,
			  bool *damaged)
{
	struct decoder *decoder = context;
	size_t done = 0;

	approach(decoder);
	while (done < count) {
		size_t n =
			take_samples(decoder, frames + done * decoder->channels,
				     count - done);

		done += n;
		if (n > 0)
			continue;
		if (decoder->finished)
			break;
		decode_more(decoder);
	}
	*damaged = false;
	return done;
}

const struct source_ops source_ffmpeg = {
	.name = "FFmpeg",
	.open = open_decoder,
	.seek = seek,
	.read = read_frames,
	.close = close_decoder,
};
