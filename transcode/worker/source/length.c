/*
 * Who knows the length:
 *
 *   MP3    the Xing frame, if the file has the bytes that it tells and it is of
 *          LAME or FFmpeg; else all frames are walked. What LAME notes as
 * padding is cut when its count of frames is right. MP4    iTunSMPB to the
 * sample; else the edit list. Many muxers round that to milliseconds: the sum
 * of all packets less the delay is meant then, if it is as near as that. There
 * is never more than that sum. Ogg    the last page's granule position, in a
 * whole stream. other  all frames are walked.
 */
#include "transcode/worker/source/length.h"

#include "transcode/worker/formats/ogg.h"
#include "transcode/worker/formats/xing.h"
#include "transcode/worker/source/plausible.h"

#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>

static int64_t duration_of(const struct media *media, int rate)
{
	const AVStream *stream = media->audio;
	AVRational frame = {1, rate};

	if (stream->duration <= 0 || rate <= 0)
		return 0;
	return av_rescale_q(stream->duration, stream->time_base, frame);
}

/* 0: it is nonsense. */
static uint64_t believable(const struct packets *packets, int64_t frames,
			   const struct input *input)
{
	const AVCodecParameters *codec =
		packets_media(packets)->audio->codecpar;
	uint64_t most = plausible_samples(avcodec_get_name(codec->codec_id), 0,
					  1, input->size);

	return frames > 0 && (uint64_t)frames <= most ? (uint64_t)frames : 0;
}

int64_t length_unedited(struct input *input, const struct sniff *sniff,
			int rate)
{
	struct media *media;
	int64_t frames = 0;

	if (media_open_unedited(input, sniff->demuxer, &media) != 0)
		return 0;
	if (media->audio)
		frames = duration_of(media, rate);
	media_close(media);
	return frames;
}

/* " 00000000 DELAY PADDING LENGTH ...", in hexadecimal digits. */
static int64_t itunes_length(const struct media *media, uint32_t delay)
{
	const AVDictionaryEntry *entry =
		av_dict_get(media->format->metadata, "iTunSMPB", NULL, 0);
	uint32_t before = 0, padding = 0;
	uint64_t length = 0;

	if (!entry ||
	    sscanf(entry->value, "%*8x %8" SCNx32 " %8" SCNx32 " %16" SCNx64,
		   &before, &padding, &length) != 3)
		return 0;
	return before == delay && length < INT64_MAX ? (int64_t)length : 0;
}

static int64_t length_of_mp4(struct packets *packets, struct input *input,
			     const struct sniff *sniff)
{
	const struct media *media = packets_media(packets);
	int rate = media->audio->codecpar->sample_rate;
	int64_t edited = duration_of(media, rate);
	int64_t whole =
		length_unedited(input, sniff, rate) - packets_lead(packets);
	int64_t told = itunes_length(media, packets_delay(packets));

	if (told > 0 && told <= whole)
		return told;
	if (whole > 0 && whole - edited <= rate / LENGTH_EDIT_TICKS + 1)
		return whole;
	return edited;
}

/* A piece of a longer stream begins anywhere; then it is not so simple. */
static int64_t length_of_ogg(const struct packets *packets)
{
	struct media *media = packets_media(packets);

	if (packets_zero(packets) != 0 || media->audio->start_time > 0)
		return 0;
	return duration_of(media, media->audio->codecpar->sample_rate) -
	       packets_delay(packets);
}

static bool is_demuxed_by(const struct packets *packets, const char *demuxer)
{
	const char *name = packets_media(packets)->format->iformat->name;

	return strncmp(name, demuxer, strlen(demuxer)) == 0;
}

static bool is_vorbis(const struct packets *packets)
{
	return packets_media(packets)->audio->codecpar->codec_id ==
	       AV_CODEC_ID_VORBIS;
}

uint64_t length_told(struct packets *packets, struct input *input,
		     const struct sniff *sniff)
{
	uint32_t delay = packets_delay(packets);
	struct xing xing;

	if (is_demuxed_by(packets, "mov,"))
		return believable(packets, length_of_mp4(packets, input, sniff),
				  input);
	if (is_demuxed_by(packets, "ogg"))
		return believable(packets, length_of_ogg(packets), input);
	if (is_demuxed_by(packets, "mp3") &&
	    xing_read(input, sniff->start, &xing) && xing.complete &&
	    xing.samples > xing.padding + delay)
		return believable(
			packets, (int64_t)(xing.samples - xing.padding - delay),
			input);
	return 0;
}

/*
 * Vorbis: what the last page ends with may be cut. All audio on one page begins
 * at 0 (Vorbis I, A.2), whatever time stamp FFmpeg has for it.
 */
static uint64_t cut_vorbis(const struct packets *packets, struct input *input,
			   uint64_t start, uint64_t length)
{
	bool alone = false;
	int64_t end = ogg_end(input, start, &alone);

	if (!alone)
		end -= packets_zero(packets);
	return end > 0 && (uint64_t)end < length ? (uint64_t)end : length;
}

uint64_t length_walked(struct packets *packets, struct input *input,
		       const struct sniff *sniff)
{
	uint64_t length = packets_walk(packets);
	struct xing xing;

	if (is_demuxed_by(packets, "ogg") && is_vorbis(packets))
		return cut_vorbis(packets, input, sniff->start, length);
	if (is_demuxed_by(packets, "mp3") &&
	    xing_read(input, sniff->start, &xing) &&
	    xing.samples == length + packets_delay(packets) &&
	    length > xing.padding)
		length -= xing.padding;
	return length;
}
