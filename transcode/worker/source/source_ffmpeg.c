/*
 * FFmpeg for what the other two do not take: lossless formats that libsndfile
 * does not read, and lossy ones whose packets have no sure places. A seek lands
 * on some packet before the place; from there everything is decoded and dropped
 * up to the sample that was asked for. That needs a codec that forgets, and
 * time stamps that name samples. A lossy codec, or a container that rounds its
 * stamps (Matroska: to milliseconds) or has none, is decoded from the start.
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
#include "transcode/worker/fail.h"
#include "transcode/worker/source/decode.h"
#include "transcode/worker/source/describe.h"
#include "transcode/worker/source/media.h"
#include "transcode/worker/source/source.h"
#include "transcode/worker/source/usual.h"

#include <string.h>

enum { PRE_ROLL = 8192, MAX_ERRORS = 256 };

struct ffmpeg_decoder {
	struct input *input;
	struct sniff sniff;
	struct media *media;
	struct decode decode;
	AVPacket *packet;
	bool waiting; /* the packet was read, and not fed yet */
	bool exact;
	int64_t origin; /* time stamp of frame 0 */

	/* The stretch that waits to be read: silence, then decode.samples. */
	uint64_t gap;  /* frames of silence */
	size_t count;  /* frames of samples */
	size_t taken;  /* of them */
	size_t silent; /* frames of gaps that were read */

	uint64_t position; /* of the first frame of that stretch */
	uint64_t target;   /* what lies before is dropped */
	unsigned errors;   /* in a row */
	bool finished;
};

static void forget_stretch(struct ffmpeg_decoder *decoder, uint64_t position)
{
	decoder->gap = 0;
	decoder->count = 0;
	decoder->taken = 0;
	decoder->position = position;
	decoder->errors = 0;
	decoder->finished = false;
	decoder->waiting = false;
}

/* The next one of the audio; 0 or an AVERROR. */
static int read_packet(struct ffmpeg_decoder *decoder)
{
	int error;

	do {
		av_packet_unref(decoder->packet);
		input_show_life(decoder->input); /* an empty one is not read */
		error = media_read(decoder->media, decoder->packet);
	} while (error >= 0 &&
		 decoder->packet->stream_index != decoder->media->audio->index);
	return error;
}

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
	free(decoder);
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
		decoder->waiting = read_packet(decoder) == 0;
	if (stream->start_time != AV_NOPTS_VALUE)
		decoder->origin = stream->start_time;
}

static bool is_usual(void *context)
{
	struct ffmpeg_decoder *decoder = context;

	if (!decoder->exact)
		return false;
	if (!decoder->waiting)
		decoder->waiting = read_packet(decoder) == 0;
	return decoder->waiting &&
	       usual_packet(decoder->media->audio->codecpar, decoder->packet);
}

static uint64_t frame_position(const struct ffmpeg_decoder *decoder)
{
	const AVStream *stream = decoder->media->audio;
	AVRational sample = {1, (int)decoder->decode.rate};
	int64_t stamp = decoder->decode.frame->best_effort_timestamp;
	int64_t at;

	if (!decoder->exact || stamp == AV_NOPTS_VALUE)
		return decoder->position;
	at = av_rescale_q(stamp - decoder->origin, stream->time_base, sample);
	return at < 0 ? 0 : (uint64_t)at;
}

/* Puts a decoded frame behind what has been read so far. */
static void take_frame(struct ffmpeg_decoder *decoder)
{
	uint64_t at = frame_position(decoder);
	size_t count = 0;
	bool usable = decode_convert(&decoder->decode, 0, &count);

	if (!usable)
		count = (size_t)decoder->decode.frame->nb_samples;
	decoder->gap = at > decoder->position ? at - decoder->position : 0;
	decoder->taken = 0;
	decoder->count = count;
	if (!usable) { /* it is worth its time only */
		decoder->gap += count;
		decoder->count = 0;
	} else if (at < decoder->position) {
		uint64_t overlap = decoder->position - at;

		decoder->taken = overlap < count ? (size_t)overlap : count;
	}
	decoder->errors = 0;
}

/* What a packet that nobody can decode would last, where that is known. */
static void skip_packet(struct ffmpeg_decoder *decoder)
{
	AVRational sample = {1, (int)decoder->decode.rate};

	if (decoder->exact)
		return;
	remark("there are packets that cannot be decoded");
	if (decoder->packet->duration > 0)
		decoder->gap = (uint64_t)av_rescale_q(
			decoder->packet->duration,
			decoder->media->audio->time_base, sample);
}

static void feed_packet(struct ffmpeg_decoder *decoder)
{
	int error = decoder->waiting ? 0 : read_packet(decoder);

	decoder->waiting = false;
	if (error == AVERROR_EOF)
		avcodec_send_packet(decoder->decode.codec, NULL);
	else if (error < 0)
		decoder->errors++;
	if (error < 0)
		return;
	if (avcodec_send_packet(decoder->decode.codec, decoder->packet) < 0) {
		decoder->errors++;
		skip_packet(decoder);
	}
	av_packet_unref(decoder->packet);
}

/* Until there is something to read, or nothing more to come. */
static void decode_more(struct ffmpeg_decoder *decoder)
{
	while (!decoder->finished && decoder->gap == 0 &&
	       decoder->taken == decoder->count) {
		int error = avcodec_receive_frame(decoder->decode.codec,
						  decoder->decode.frame);

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

/*
 * Where the container names no speakers (Matroska), what it contains may. It
 * waits to be read then.
 */
static void find_speakers(struct ffmpeg_decoder *decoder,
			  struct source_info *info)
{
	enum { NAMED = 2 };
	const AVCodecParameters *told = decoder->media->audio->codecpar;
	struct source_info named = *info;

	if (info->channels < 3 ||
	    told->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
		return;
	decode_more(decoder);
	decode_name_speakers(&decoder->decode.codec->ch_layout, &named);
	if (memcmp(named.speakers, info->speakers, info->channels) == 0)
		return;
	named.revision ^= NAMED;
	*info = named;
	decode_expect(&decoder->decode, info);
}

static int open_ffmpeg(struct input *input, const struct sniff *sniff,
		       void **decoder, struct source_info *info)
{
	struct ffmpeg_decoder *d = calloc(1, sizeof(*d));
	int error;

	if (!d)
		return fail(-ENOMEM, "out of memory");
	d->input = input;
	d->sniff = *sniff;
	d->packet = av_packet_alloc();
	error = d->packet ? decode_init(&d->decode)
			  : fail(-ENOMEM, "out of memory");
	if (!error)
		error = open_media(d, info);
	if (error) {
		close_ffmpeg(d);
		return error;
	}
	decode_expect(&d->decode, info);
	d->exact = describe_is_exact(d->media);
	find_origin(d);
	find_speakers(d, info);
	*decoder = d;
	return 0;
}

/* Takes up to `count` frames of the stretch; `to` may be NULL. */
static size_t take_samples(struct ffmpeg_decoder *decoder, float *to,
			   size_t count)
{
	const float *samples = decoder->decode.samples;
	unsigned channels = decoder->decode.channels;
	size_t size = channels * sizeof(*to);
	size_t n = decoder->count - decoder->taken;

	if (decoder->gap > 0) {
		n = decoder->gap < count ? (size_t)decoder->gap : count;
		if (to) {
			memset(to, 0, n * size);
			decoder->silent += n;
		}
		decoder->gap -= n;
	} else {
		n = n < count ? n : count;
		if (to && n > 0)
			memcpy(to, samples + decoder->taken * channels,
			       n * size);
		decoder->taken += n;
	}
	decoder->position += n;
	return n;
}

/* Decodes and drops up to the target. */
static void approach(struct ffmpeg_decoder *decoder)
{
	while (decoder->position < decoder->target && !decoder->finished) {
		uint64_t rest = decoder->target - decoder->position;

		take_samples(decoder, NULL,
			     rest < SIZE_MAX ? (size_t)rest : SIZE_MAX);
		decode_more(decoder);
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
	forget_stretch(decoder, 0);
	decode_more(decoder);
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
	forget_stretch(decoder, 0);
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
	decoder->target = frame;
	return error;
}

static size_t read_ffmpeg(void *context, float *frames, size_t count,
			  bool *damaged)
{
	struct ffmpeg_decoder *decoder = context;
	size_t done = 0;

	approach(decoder);
	while (done < count) {
		size_t n = take_samples(
			decoder, frames + done * decoder->decode.channels,
			count - done);

		done += n;
		if (n == 0 && decoder->finished)
			break;
		if (n == 0)
			decode_more(decoder);
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

	do {
		decode_more(decoder);
		while (take_samples(decoder, NULL, SIZE_MAX) > 0)
			continue;
	} while (!decoder->finished);
	return decoder->position;
}

const struct source_ops source_ffmpeg = {
	.name = "FFmpeg",
	.open = open_ffmpeg,
	.seek = seek_ffmpeg,
	.read = read_ffmpeg,
	.silence = silence_of_ffmpeg,
	.is_usual = is_usual,
	.count = count_frames,
	.close = close_ffmpeg,
};
