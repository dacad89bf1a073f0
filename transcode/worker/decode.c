/*
 * One thread a decoder: the daemon has a worker for each processor. swresample
 * only interleaves and converts sample formats here, so that a float decoder's
 * samples come out bit by bit.
 */
#include "transcode/worker/decode.h"

#include "transcode/worker/describe.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/media.h"

int decode_init(struct decode *decode)
{
	decode->frame = av_frame_alloc();
	return decode->frame ? 0 : fail(-ENOMEM, "out of memory");
}

void decode_release(struct decode *decode)
{
	avcodec_free_context(&decode->codec);
	swr_free(&decode->converter);
	av_frame_free(&decode->frame);
	free(decode->samples);
}

static const AVCodec *find_codec(enum AVCodecID id, const char *name)
{
	const AVCodec *codec = NULL;

	if (name)
		codec = avcodec_find_decoder_by_name(name);
	return codec ? codec : avcodec_find_decoder(id);
}

int decode_start(struct decode *decode, const AVStream *stream,
		 const char *name, int flags2)
{
	const AVCodecParameters *par = stream->codecpar;
	const AVCodec *codec = find_codec(par->codec_id, name);
	AVDictionary *options = NULL;
	int error;

	avcodec_free_context(&decode->codec);
	if (!codec)
		return fail(-EINVAL, "no decoder for %s",
			    avcodec_get_name(par->codec_id));
	decode->codec = avcodec_alloc_context3(codec);
	if (!decode->codec ||
	    avcodec_parameters_to_context(decode->codec, par) < 0)
		return fail(-ENOMEM, "out of memory");
	decode->codec->thread_count = 1;
	decode->codec->flags2 |= flags2;
	if (name)
		decode->codec->request_sample_fmt = AV_SAMPLE_FMT_FLT;
	decode->codec->pkt_timebase = stream->time_base;
	/* AC-3's noise by what is in a packet, not by what was before it */
	av_dict_set(&options, "cons_noisegen", "1", 0);
	error = avcodec_open2(decode->codec, codec, &options);
	av_dict_free(&options);
	return error < 0 ? media_fail(error, "cannot decode") : 0;
}

static bool reserve(struct decode *decode, size_t frames)
{
	float *samples;

	if (frames <= decode->capacity)
		return true;
	samples = realloc(decode->samples,
			  frames * decode->channels * sizeof(*samples));
	if (!samples)
		return false;
	decode->samples = samples;
	decode->capacity = frames;
	return true;
}

/* The layout does not matter: channels keep their order. */
static bool prepare_converter(struct decode *decode)
{
	AVChannelLayout layout = {0};

	if (decode->converter && decode->format == decode->frame->format)
		return true;
	swr_free(&decode->converter);
	decode->format = decode->frame->format;
	av_channel_layout_default(&layout, (int)decode->channels);
	return swr_alloc_set_opts2(&decode->converter, &layout,
				   AV_SAMPLE_FMT_FLT, (int)decode->rate,
				   &layout, decode->frame->format,
				   (int)decode->rate, 0, NULL) >= 0 &&
	       swr_init(decode->converter) >= 0;
}

bool decode_convert(struct decode *decode, size_t offset)
{
	AVFrame *frame = decode->frame;
	uint8_t *planes[1];
	int n;

	if (frame->sample_rate != (int)decode->rate ||
	    frame->ch_layout.nb_channels != (int)decode->channels ||
	    !reserve(decode, offset + (size_t)frame->nb_samples) ||
	    !prepare_converter(decode))
		return false;
	planes[0] = (uint8_t *)(decode->samples + offset * decode->channels);
	n = swr_convert(decode->converter, planes, frame->nb_samples,
			(const uint8_t **)frame->extended_data,
			frame->nb_samples);
	return n == frame->nb_samples;
}

void decode_name_speakers(const AVChannelLayout *layout,
			  struct source_info *info)
{
	if (layout->order == AV_CHANNEL_ORDER_NATIVE &&
	    layout->nb_channels == (int)info->channels)
		describe_speakers(layout, info);
}
