/*
 * See stretch.h. Where time stamps name samples, a gap between two frames is
 * damage; where they do not, what comes out is counted.
 */
#include "transcode/worker/source/stretch.h"

#include "transcode/worker/fail.h"

#include <string.h>

enum { MAX_ERRORS = 256 };

void stretch_forget(struct ffmpeg_decoder *decoder, uint64_t position)
{
	decoder->gap = 0;
	decoder->count = 0;
	decoder->taken = 0;
	decoder->position = position;
	decoder->errors = 0;
	decoder->finished = false;
	decoder->waiting = false;
}

int stretch_read_packet(struct ffmpeg_decoder *decoder)
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
	int error = decoder->waiting ? 0 : stretch_read_packet(decoder);

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

void stretch_decode(struct ffmpeg_decoder *decoder)
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

size_t stretch_take(struct ffmpeg_decoder *decoder, float *to, size_t count)
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
