/*
 * One thread per decoder: the daemon has a worker for each processor.
 * swresample only interleaves and converts sample formats here, so a float
 * decoder's samples come out bit by bit.
 */
#include "transcode/worker/source/decode.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/describe.h"
#include "transcode/worker/source/media.h"

#include <string.h>

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

/*
 * FFmpeg's own decoder of Speex takes bands above 4 kHz for others, and noise
 * for stereo of several frames in a packet.
 */
static const AVCodec *find_codec(enum AVCodecID id, const char *name)
{
	const AVCodec *codec = NULL;

	if (id == AV_CODEC_ID_SPEEX)
		name = "libspeex";
	if (name)
		codec = avcodec_find_decoder_by_name(name);
	return codec ? codec : avcodec_find_decoder(id);
}

static bool is_lossless(enum AVCodecID id)
{
	const AVCodecDescriptor *codec = avcodec_descriptor_get(id);

	return codec && (codec->props & AV_CODEC_PROP_LOSSLESS);
}

int decode_start(struct decode *decode, const AVStream *stream,
		 const char *name, int flags2)
{
	const AVCodecParameters *par = stream->codecpar;
	const AVCodec *codec = find_codec(par->codec_id, name);
	AVDictionary *options = NULL;
	int error;

	avcodec_free_context(&decode->codec);
	decode->fit.rate = 0;
	if (!codec)
		return fail(-EINVAL, "no decoder for %s",
			    avcodec_get_name(par->codec_id));
	decode->codec = avcodec_alloc_context3(codec);
	if (!decode->codec ||
	    avcodec_parameters_to_context(decode->codec, par) < 0)
		return fail(-ENOMEM, "out of memory");
	decode->codec->thread_count = 1;
	decode->codec->flags2 |= flags2;
	if (is_lossless(par->codec_id)) /* damage is silence, not noise */
		decode->codec->err_recognition |=
			AV_EF_CRCCHECK | AV_EF_EXPLODE;
	if (name)
		decode->codec->request_sample_fmt = AV_SAMPLE_FMT_FLT;
	decode->codec->pkt_timebase = stream->time_base;
	/* derives AC-3's noise from the packet, not from what was before it */
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

void decode_expect(struct decode *decode, const struct source_info *info)
{
	decode->rate = info->rate;
	decode->channels = info->channels;
	memcpy(decode->speakers, info->speakers, sizeof(decode->speakers));
}

/* The layout does not matter: channels keep their order. */
static bool prepare_converter(struct decode *decode)
{
	uint32_t channels = (uint32_t)decode->frame->ch_layout.nb_channels;
	AVChannelLayout layout = {0};

	if (decode->converter && decode->format == decode->frame->format &&
	    decode->planes == channels)
		return true;
	swr_free(&decode->converter);
	decode->format = decode->frame->format;
	decode->planes = channels;
	av_channel_layout_default(&layout, (int)channels);
	return swr_alloc_set_opts2(&decode->converter, &layout,
				   AV_SAMPLE_FMT_FLT, (int)decode->rate,
				   &layout, decode->frame->format,
				   (int)decode->rate, 0, NULL) >= 0 &&
	       swr_init(decode->converter) >= 0;
}

static bool interleave(struct decode *decode, float *to)
{
	AVFrame *frame = decode->frame;
	uint8_t *planes[1] = {(uint8_t *)to};

	return swr_convert(decode->converter, planes, frame->nb_samples,
			   (const uint8_t **)frame->extended_data,
			   frame->nb_samples) == frame->nb_samples;
}

static void tell_source(struct decode *decode, const struct source_info *from)
{
	if (!decode->remarked)
		remark("%u Hz and %u channels on the way are converted to "
		       "%u Hz and %u",
		       from->rate, from->channels, decode->rate,
		       decode->channels);
	decode->remarked = true;
}

static bool convert_other(struct decode *decode, size_t offset, size_t *count)
{
	AVFrame *frame = decode->frame;
	size_t n = (size_t)frame->nb_samples;
	size_t m = (size_t)av_rescale(frame->nb_samples, decode->rate,
				      frame->sample_rate);
	struct source_info from = {
		.rate = (uint32_t)frame->sample_rate,
		.channels = (uint32_t)frame->ch_layout.nb_channels,
	};
	struct source_info to = {.rate = decode->rate,
				 .channels = decode->channels};
	auto_free float *raw = calloc(n + 1, from.channels * sizeof(*raw));

	if (!raw || !reserve(decode, offset + m) || !interleave(decode, raw))
		return false;
	describe_speakers(&frame->ch_layout, &from);
	memcpy(to.speakers, decode->speakers, sizeof(to.speakers));
	tell_source(decode, &from);
	if (!fit_frames(&decode->fit, &from, raw, n, &to,
			decode->samples + offset * decode->channels, m))
		return false;
	*count = m;
	return true;
}

bool decode_convert(struct decode *decode, size_t offset, size_t *count)
{
	AVFrame *frame = decode->frame;
	size_t n = (size_t)frame->nb_samples;

	if (frame->sample_rate < SOURCE_MIN_RATE ||
	    frame->ch_layout.nb_channels <= 0 ||
	    frame->ch_layout.nb_channels > SOURCE_MAX_CHANNELS ||
	    !prepare_converter(decode))
		return false;
	if (frame->sample_rate != (int)decode->rate ||
	    frame->ch_layout.nb_channels != (int)decode->channels)
		return convert_other(decode, offset, count);
	decode->fit.rate = 0;
	if (!reserve(decode, offset + n) ||
	    !interleave(decode, decode->samples + offset * decode->channels))
		return false;
	*count = n;
	return true;
}

void decode_name_speakers(const AVChannelLayout *layout,
			  struct source_info *info)
{
	if (layout->order == AV_CHANNEL_ORDER_NATIVE &&
	    layout->nb_channels == (int)info->channels)
		describe_speakers(layout, info);
}
