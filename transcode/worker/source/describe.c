/*
 * FFmpeg's codec table knows what is lossless, with two exceptions: DSD, which
 * it calls lossy because its conversion to samples is, and WavPack, where each
 * file says for itself whether it is lossy.
 */
#include "transcode/worker/source/describe.h"

#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/wavpack.h"
#include "transcode/worker/source/dsd.h"
#include "transcode/worker/source/flac.h"
#include "transcode/worker/source/length.h"
#include "transcode/worker/source/packets_private.h"
#include "transcode/worker/source/plausible.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>

/*
 * Containers with sample-exact lengths and time stamps. Ogg is not one: behind
 * damage, time stamps depend on where reading began.
 */
static const char *const exact_demuxers[] = {
	"aiff", "ape", "au",  "dsf", "flac", "iff",
	"mov",	"tak", "tta", "w64", "wav",  "wv",
};

static bool named_exact(const char *name)
{
	for (size_t i = 0; i < sizeof(exact_demuxers) / sizeof(char *); i++) {
		size_t length = strlen(exact_demuxers[i]);

		if (strncmp(name, exact_demuxers[i], length) == 0 &&
		    (name[length] == '\0' || name[length] == ','))
			return true;
	}
	return false;
}

static bool is_dsd(enum AVCodecID id)
{
	return id == AV_CODEC_ID_DSD_LSBF || id == AV_CODEC_ID_DSD_MSBF ||
	       id == AV_CODEC_ID_DSD_LSBF_PLANAR ||
	       id == AV_CODEC_ID_DSD_MSBF_PLANAR || id == AV_CODEC_ID_DST;
}

/*
 * Other codecs may depend for ever on what was decoded before, as ADPCM does.
 */
static bool decoder_forgets(enum AVCodecID id)
{
	const AVCodecDescriptor *codec = avcodec_descriptor_get(id);

	return codec && ((codec->props & AV_CODEC_PROP_LOSSLESS) ||
			 strncmp(codec->name, "pcm_", 4) == 0 || is_dsd(id));
}

bool describe_is_exact(const struct media *media)
{
	AVRational tick = media->audio->time_base;
	int64_t rate = media->audio->codecpar->sample_rate;

	if (rate <= 0 || tick.num <= 0 || tick.den <= 0)
		return false;
	return named_exact(media->format->iformat->name) &&
	       decoder_forgets(media->audio->codecpar->codec_id) &&
	       (tick.num * rate % tick.den == 0 ||
		tick.den % (tick.num * rate) == 0);
}

static bool is_lossless(struct media *media, const struct sniff *sniff)
{
	enum AVCodecID id = media->audio->codecpar->codec_id;
	const AVCodecDescriptor *codec = avcodec_descriptor_get(id);

	if (is_dsd(id))
		return true;
	if (id == AV_CODEC_ID_WAVPACK && sniff->demuxer &&
	    strcmp(sniff->demuxer, "wv") == 0)
		return !wavpack_is_hybrid(media->input, sniff->start);
	if (id == AV_CODEC_ID_WAVPACK)
		return true;
	return codec && (codec->props & AV_CODEC_PROP_LOSSLESS) &&
	       !(codec->props & AV_CODEC_PROP_LOSSY);
}

static uint32_t bits_of(const AVCodecParameters *codec)
{
	if (is_dsd(codec->codec_id))
		return 1;
	if (codec->bits_per_raw_sample > 0)
		return (uint32_t)codec->bits_per_raw_sample;
	if (codec->bits_per_coded_sample > 0)
		return (uint32_t)codec->bits_per_coded_sample;
	return 0;
}

/* How many samples fit into the packets that an MP4 lists; 0: unknown. */
static uint64_t most_of_index(const struct media *media,
			      const struct sniff *sniff)
{
	enum { ALAC_FRAME = 12, FLAC_BLOCK = 2 };
	const AVCodecParameters *codec = media->audio->codecpar;
	int packets = avformat_index_get_entries_count(media->audio);
	uint64_t each = 0;

	if (codec->codec_id == AV_CODEC_ID_ALAC &&
	    codec->extradata_size >= ALAC_FRAME + 4)
		each = AV_RB32(codec->extradata + ALAC_FRAME);
	else if (codec->codec_id == AV_CODEC_ID_FLAC &&
		 codec->extradata_size >= FLAC_STREAMINFO_SIZE)
		each = AV_RB16(codec->extradata + FLAC_BLOCK);
	if (packets <= 0 ||
	    strncmp(media->format->iformat->name, "mov,", 4) != 0 ||
	    packets_is_fragmented(media->input, sniff->start))
		return 0;
	return each * (unsigned)packets;
}

/* FFmpeg leaves DSD's length to the decoder. */
static uint64_t told_samples(const struct media *media,
			     const struct sniff *sniff)
{
	const AVStream *stream = media->audio;
	AVRational sample = {1, stream->codecpar->sample_rate};

	if (!describe_is_exact(media))
		return 0;
	if (stream->duration <= 0)
		return is_dsd(stream->codecpar->codec_id)
			       ? dsd_samples(media->input, sniff->start,
					     (uint32_t)stream->codecpar
						     ->ch_layout.nb_channels)
			       : 0;
	return (uint64_t)av_rescale_q(stream->duration, stream->time_base,
				      sample);
}

/*
 * An MP4 that was cut without decoding begins within its first packet, and its
 * edit list gives the rest in coarse ticks: it may end behind the last one.
 */
static uint64_t cut_rounding(const struct media *media,
			     const struct sniff *sniff, uint64_t told)
{
	const AVStream *stream = media->audio;
	int64_t rate = stream->codecpar->sample_rate;
	const AVIndexEntry *first = avformat_index_get_entry(media->audio, 0);
	int64_t end;

	if (told == 0 || !first || first->timestamp >= 0 ||
	    strncmp(media->format->iformat->name, "mov,", 4) != 0)
		return told;
	end = length_unedited(media->input, sniff, (int)rate) +
	      av_rescale_q(first->timestamp, stream->time_base,
			   (AVRational){1, (int)rate});
	if (end <= 0 || (uint64_t)end >= told ||
	    told - (uint64_t)end > (uint64_t)rate / LENGTH_EDIT_TICKS + 1)
		return told;
	return (uint64_t)end;
}

static uint64_t samples_of(const struct media *media, const struct sniff *sniff)
{
	struct source_info told = {.samples = told_samples(media, sniff)};
	uint64_t most = most_of_index(media, sniff);

	if (most > 0)
		plausible_weigh(&told, most);
	return cut_rounding(media, sniff, told.samples);
}

void describe_speakers(const AVChannelLayout *layout, struct source_info *info)
{
	uint64_t mask =
		layout->order == AV_CHANNEL_ORDER_NATIVE ? layout->u.mask : 0;

	mix_speakers(mask, info->channels, info->speakers);
}

/*
 * For AAC, only its decoder knows: SBR doubles the rate, PS the channels. An
 * MP4 says "2" for any number of channels; lossless codecs state it elsewhere.
 */
static int complete(struct media *media)
{
	const AVCodecParameters *codec = media->audio->codecpar;
	bool lossy = !decoder_forgets(codec->codec_id) &&
		     strncmp(media->format->iformat->name, "mov,", 4) == 0;

	if (codec->codec_id != AV_CODEC_ID_AAC && !lossy &&
	    codec->codec_id != AV_CODEC_ID_NONE && codec->sample_rate > 0 &&
	    codec->ch_layout.nb_channels > 0)
		return 0;
	return media_look_closer(media);
}

/*
 * An MP4 has 16 bits for a rate, so for FLAC above 65,535 Hz it states another
 * one, or none. The STREAMINFO in the same box is right.
 */
static void believe_streaminfo(AVCodecParameters *codec)
{
	struct flac_header flac;

	if (codec->codec_id != AV_CODEC_ID_FLAC ||
	    codec->extradata_size < FLAC_STREAMINFO_SIZE)
		return;
	flac_parse(codec->extradata, &flac);
	if (flac.rate > 0)
		codec->sample_rate = (int)flac.rate;
	if (codec->ch_layout.nb_channels == (int)flac.channels)
		return;
	av_channel_layout_uninit(&codec->ch_layout);
	av_channel_layout_default(&codec->ch_layout, (int)flac.channels);
}

/* RFC 7845, 5.1: the rate of what it was made from does not matter. */
static void believe_opus(AVCodecParameters *codec)
{
	if (codec->codec_id == AV_CODEC_ID_OPUS)
		codec->sample_rate = 48000;
}

int describe(struct media *media, const struct sniff *sniff,
	     struct source_info *info)
{
	/* Seeks in such a track used to lead anywhere. */
	bool starts_anywhere = media->audio->start_time == AV_NOPTS_VALUE;
	const AVCodecParameters *codec;
	int error;

	believe_streaminfo(media->audio->codecpar);
	believe_opus(media->audio->codecpar);
	error = complete(media);
	if (error)
		return error;
	codec = media->audio->codecpar;
	if (codec->sample_rate <= 0 || codec->ch_layout.nb_channels <= 0 ||
	    codec->ch_layout.nb_channels > SOURCE_MAX_CHANNELS)
		return fail(-EINVAL, "unsupported: %d Hz and %d channels",
			    codec->sample_rate, codec->ch_layout.nb_channels);
	*info = (struct source_info){
		.kind = is_lossless(media, sniff) ? FACTS_LOSSLESS
						  : FACTS_LOSSY,
		.rate = (uint32_t)codec->sample_rate,
		.channels = (uint32_t)codec->ch_layout.nb_channels,
		.bits = bits_of(codec),
		.samples = samples_of(media, sniff),
		.revision = describe_is_exact(media) && starts_anywhere,
	};
	describe_speakers(&codec->ch_layout, info);
	snprintf(info->codec, sizeof(info->codec), "%s",
		 avcodec_get_name(codec->codec_id));
	return 0;
}

int describe_open(struct input *input, const struct sniff *sniff,
		  struct media **media, struct source_info *info)
{
	struct media *m;
	int error = media_open(input, sniff->demuxer, &m);

	if (error)
		return error;
	if (!m->audio)
		error = media_look_closer(m);
	if (!error)
		error = m->audio ? describe(m, sniff, info)
				 : fail(-EINVAL, "no audio in the file");
	if (error)
		media_close(m);
	else
		*media = m;
	return error;
}
