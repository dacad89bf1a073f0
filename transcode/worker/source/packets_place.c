/*
 * The position of a packet in the track. Durations are added up; they come from
 * FFmpeg if it can be trusted, otherwise from the packets themselves.
 */
#include "transcode/worker/source/packets_private.h"

#include "transcode/worker/formats/xing.h"
#include "transcode/worker/source/length.h"

#include <libavutil/intreadwrite.h>

#define MAX_FRAMES ((int64_t)1 << 48)
#define MAX_PACKET (1 << 24) /* frames */

/* What a hostile file claims must add up without an overflow. */
static int64_t to_frames(const struct packets *packets, int64_t ticks)
{
	AVRational frame = {1, (int)packets->rate};
	int64_t frames =
		av_rescale_q(ticks, packets->media->audio->time_base, frame);

	if (frames > MAX_FRAMES)
		return MAX_FRAMES;
	return frames < -MAX_FRAMES ? -MAX_FRAMES : frames;
}

/*
 * In frames. What FFmpeg's Ogg demuxer tells of the last page's packets is made
 * to end with the track, and nonsense when all audio is on one page.
 */
static int64_t told_duration(const struct packets *packets,
			     const AVPacket *data)
{
	int flags = 0;

	if (packets->vorbis)
		return av_vorbis_parse_frame_flags(packets->vorbis, data->data,
						   data->size, &flags);
	return to_frames(packets, data->duration);
}

/* ISO 13818-7, 6.2.1: frames of ADTS; gives how many samples at which rate. */
static int adts_samples(const uint8_t *h, int *rate)
{
	static const int rates[16] = {96000, 88200, 64000, 48000, 44100,
				      32000, 24000, 22050, 16000, 12000,
				      11025, 8000,  7350};

	if (h[0] != 0xff || (h[1] & 0xf6) != 0xf0)
		return 0;
	*rate = rates[h[2] >> 2 & 15];
	return 1024 * ((h[6] & 3) + 1);
}

/* ISO 11172-3, 2.4.2.3, and 13818-3: the same of MPEG audio, all layers. */
static int mpeg_samples(const uint8_t *h, int *rate)
{
	static const int rates[4] = {44100, 48000, 32000};
	int version = h[1] >> 3 & 3, layer = 4 - (h[1] >> 1 & 3);

	if (h[0] != 0xff || (h[1] & 0xe0) != 0xe0 || version == 1 || layer == 4)
		return 0;
	*rate = rates[h[2] >> 2 & 3] >> (version == 3 ? 0 : version ? 1 : 2);
	if (layer == 1)
		return 384;
	return layer == 3 && version != 3 ? 576 : 1152;
}

/*
 * Frames one behind the other may change their rate, which FFmpeg notices late
 * or never. How long the first one lasts, FFmpeg knows (SBR doubles the
 * rate).
 */
static int64_t fit_duration(struct packets *packets, const AVPacket *data,
			    int64_t frames)
{
	int rate = 0, samples = 0;

	if (packets->way != WAY_NOTES || data->size < 7)
		return frames;
	samples = adts_samples(data->data, &rate);
	if (samples == 0)
		samples = mpeg_samples(data->data, &rate);
	if (packets->number == 0 && samples > 0)
		packets->per_sample = (int)(frames / samples);
	if (samples == 0 || rate == 0 || packets->per_sample == 0)
		return frames;
	if (packets->header_rate == 0)
		packets->header_rate = rate;
	return packets->per_sample *
	       av_rescale(samples, packets->header_rate, rate);
}

/*
 * Of a lone frame of AC-3 or E-AC-3 FFmpeg's parser tells nothing: it wants to
 * see the next. ATSC A/52, 5.4.1 and E.2.3.1: up to six blocks of 256 samples.
 */
static int64_t ac3_samples(const AVPacket *data)
{
	static const int blocks[4] = {1, 2, 3, 6};
	const uint8_t *h = data->data;

	if (data->size < 6 || h[0] != 0x0b || h[1] != 0x77)
		return 0;
	if (h[5] >> 3 <= 10 || h[4] >> 6 == 3)
		return 1536;
	return 256 * blocks[h[4] >> 4 & 3];
}

static uint32_t skip_of(const AVPacket *data)
{
	size_t size = 0;
	const uint8_t *skip =
		av_packet_get_side_data(data, AV_PKT_DATA_SKIP_SAMPLES, &size);

	return skip && size >= 4 ? AV_RL32(skip) : 0;
}

static bool is_lone(const struct packets *packets)
{
	if (packets->number > 0)
		return false;
	return packets->fragmented ? packets->ahead->size == 0
				   : avformat_index_get_entries_count(
					     packets->media->audio) == 1;
}

/* The only packet of an MP4 lasts as long as the track; of others see above. */
static int64_t lone_duration(const struct packets *packets,
			     const AVPacket *data)
{
	int64_t whole = packets->media->audio->duration;

	if (packets->way == WAY_NOTES)
		return packets->number == 0 ? ac3_samples(data) : 0;
	return is_lone(packets) && whole > 0
		       ? to_frames(packets, whole) + skip_of(data)
		       : 0;
}

/*
 * Of Opus in an MP4 the codec's header has it, too. More than the longest
 * packet is a mistake: GStreamer 1.22 writes it in the wrong byte order.
 */
static uint32_t opus_delay(const struct packets *packets)
{
	enum { LONGEST = 5760 };
	const AVCodecParameters *codec = packets->media->audio->codecpar;

	return packets->way != WAY_NOTES &&
			       codec->codec_id == AV_CODEC_ID_OPUS &&
			       codec->initial_padding > 0 &&
			       codec->initial_padding <= LONGEST
		       ? (uint32_t)codec->initial_padding
		       : 0;
}

/* Of a lone packet FFmpeg takes the delay for all that is heard of it. */
static bool is_misjudged(const struct packets *packets, const AVPacket *data)
{
	return packets->way == WAY_STAMPS && is_lone(packets) &&
	       skip_of(data) < opus_delay(packets);
}

/* A packet's duration in the last resort is that of the one before. */
static int64_t duration_of(struct packets *packets, const AVPacket *data)
{
	struct packet *last = TAILQ_LAST(&packets->kept, packet_list);
	int64_t frames = told_duration(packets, data);

	frames = fit_duration(packets, data, frames);
	if (is_misjudged(packets, data))
		frames = length_unedited(packets->input, &packets->sniff,
					 (int)packets->rate);
	if (frames <= 0)
		frames = last ? last->end - last->start
			      : lone_duration(packets, data);
	return frames < MAX_PACKET ? frames : MAX_PACKET;
}

/* Without an edit list only the header of Opus tells it. */
static uint32_t delay_of(struct packets *packets, const AVPacket *data)
{
	uint32_t skip = skip_of(data), delay = opus_delay(packets);

	packets->mended =
		delay > 0 && (skip == 0 || is_misjudged(packets, data));
	return packets->mended ? delay : skip;
}

/*
 * The first packet of the file tells where frame 0 is. Without an edit list,
 * an MP4 counts what the first one of Vorbis does not give.
 */
static void find_zero(struct packets *packets, const AVPacket *data,
		      int64_t duration)
{
	int64_t before = delay_of(packets, data);

	packets->delay = (uint32_t)before;
	if (packets->overlaps) {
		before += duration;
		packets->mended = packets->way == WAY_STAMPS;
	}
	packets->lead = (uint32_t)before;
	packets->next = -before;
	if (data->pts != AV_NOPTS_VALUE)
		packets->zero = to_frames(packets, data->pts) + before;
}

/* What lies before the packet that is two before this one. */
static void note_bytes(struct packets *packets, struct packet *packet)
{
	const struct packet *one = TAILQ_LAST(&packets->kept, packet_list);
	const struct packet *two =
		one ? TAILQ_PREV(one, packet_list, link) : NULL;

	packet->bytes = packets->bytes;
	packet->until = two ? two->bytes : packet->bytes;
	packets->bytes +=
		xing_main_data(packet->data->data, (size_t)packet->data->size);
}

/*
 * Where FFmpeg takes a packet of Vorbis for shorter than it is (a short block
 * behind a long one), it has it end where it should, and begin too late.
 */
static int64_t stamp_of(const struct packets *packets, const AVPacket *data,
			int64_t duration)
{
	int64_t stamp = to_frames(packets, data->pts) - packets->zero;
	int64_t told = to_frames(packets, data->duration);

	if (packets->vorbis && told > 0 && told < duration)
		stamp -= duration - told;
	return stamp;
}

void packets_place(struct packets *packets, struct packet *packet)
{
	const AVPacket *data = packet->data;
	int64_t duration = duration_of(packets, data);
	int64_t stamp;

	if (packets->number == 0)
		find_zero(packets, data, duration);
	packet->start = packets->next;
	if (packets->way != WAY_NOTES && data->pts != AV_NOPTS_VALUE) {
		stamp = stamp_of(packets, data, duration);
		if (stamp > packet->start || packets->way == WAY_STAMPS)
			packet->start = stamp;
	}
	packet->end = packet->start + duration;
	packets->next = packet->end;
	note_bytes(packets, packet);
	if (packets->longest < packet->end - packet->start)
		packets->longest = packet->end - packet->start;
}
