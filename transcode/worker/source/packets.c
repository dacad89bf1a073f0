/*
 * Packets are taken from FFmpeg's demuxer from the beginning on, and their
 * durations added up; taking them apart costs a hundredth of decoding them. The
 * last ones are kept, because a decoder that begins anew for the next second
 * has to hear them again.
 *
 * Far places are reached in three ways, and each gives the same packets:
 *
 *   NOTES   frames one behind the other, without a container (MP3, ADTS, AC-3):
 *           walking forward notes where every 32nd packet begins.
 *   STAMPS  a table of all packets (MP4): its time stamps are their places.
 *   WALK    Ogg: always from the beginning, where its time stamps are; behind
 *           damage they would depend on where reading began. MP4 in fragments,
 *           each of which may claim any time.
 *
 * Time stamps of Ogg and MP4 tell what is missing, too: it leaves a gap.
 */
#include "transcode/worker/source/packets_private.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/source/describe.h"

#include <string.h>

enum { MAX_ERRORS = 256, MAX_KEPT = 4096 };

static void drop_head(struct packets *packets)
{
	struct packet *head = TAILQ_FIRST(&packets->kept);

	TAILQ_REMOVE(&packets->kept, head, link);
	av_packet_free(&head->data);
	free(head);
	packets->count--;
}

void packets_forget(struct packets *packets, uint64_t number, int64_t next)
{
	while (packets->count > 0)
		drop_head(packets);
	av_packet_unref(packets->ahead);
	packets->number = number;
	packets->next = next;
	packets->bytes = 0;
	packets->ended = false;
}

static void take_note(struct packets *packets, const struct packet *packet)
{
	if (packets->way != WAY_NOTES ||
	    packets->number != packets->noted * NOTE_STEP)
		return;
	if (!grow(packets->notes, packets->noted))
		return; /* walking on does without */
	packets->notes[packets->noted++] =
		(struct note){packet->start, packet->data->pos, packet->bytes};
}

/* Two packets before the target are to be right already: filters overlap. */
bool packets_is_warm(const struct packets *packets, const struct packet *packet,
		     const struct packet *target, unsigned before,
		     int64_t frame)
{
	return before >= packets->warm_up.packets &&
	       target->until - packet->bytes >= packets->warm_up.bytes &&
	       packet->start <= frame - (int64_t)packets->warm_up.frames;
}

/* What the second after this one begins with is the last that is needed. */
static void drop_old(struct packets *packets)
{
	const struct packet *last = TAILQ_LAST(&packets->kept, packet_list);
	const struct packet *second;

	while (packets->count > 2) {
		second = TAILQ_NEXT(TAILQ_FIRST(&packets->kept), link);
		if (packets->count <= MAX_KEPT &&
		    !packets_is_warm(packets, second, last, packets->count - 2,
				     last->start))
			break;
		drop_head(packets);
	}
}

static int demux_one(struct packets *packets, AVPacket *data)
{
	for (unsigned errors = 0; errors < MAX_ERRORS; errors++) {
		int error;

		input_show_life(packets->input); /* an empty one is not read */
		error = media_read(packets->media, data);
		if (media_lacks_memory(error))
			packets->input->error = -ENOMEM;
		if (error == AVERROR_EOF || packets->input->error)
			return -ENODATA;
		if (error < 0)
			continue;
		errors = 0;
		if (data->stream_index == packets->media->audio->index)
			return 0;
		av_packet_unref(data);
	}
	return -ENODATA;
}

/*
 * FFmpeg has the last packet of a fragment last up to the end of the track, if
 * that is known (ISO/IEC 14496-12, 8.16.3: sidx), else not at all; and the same
 * of each one in some codecs. The next one knows better.
 */
static void mend_duration(struct packets *packets, AVPacket *data)
{
	AVPacket *next = packets->ahead;
	int64_t most = data->duration > 0 ? data->duration : INT64_MAX;

	if (demux_one(packets, next) == 0 && next->pts > data->pts &&
	    data->pts != AV_NOPTS_VALUE && next->pts - data->pts < most)
		data->duration = next->pts - data->pts;
}

static int demux(struct packets *packets, AVPacket *data)
{
	int error = 0;

	if (packets->ahead->size > 0)
		av_packet_move_ref(data, packets->ahead);
	else
		error = demux_one(packets, data);
	if (!error && packets->fragmented)
		mend_duration(packets, data);
	return error;
}

struct packet *packets_read(struct packets *packets)
{
	struct packet *packet = calloc(1, sizeof(*packet));

	if (packet)
		packet->data = av_packet_alloc();
	if (!packet || !packet->data) /* this is not the end of the file */
		packets->input->error = -ENOMEM;
	if (!packet || !packet->data || packets->ended ||
	    demux(packets, packet->data) != 0) {
		if (packet)
			av_packet_free(&packet->data);
		free(packet);
		packets->ended = true;
		return NULL;
	}
	packets_place(packets, packet);
	take_note(packets, packet);
	/* it would keep a decoder from giving what lies before frame 0 */
	packet->data->flags &= ~AV_PKT_FLAG_DISCARD;
	TAILQ_INSERT_TAIL(&packets->kept, packet, link);
	packets->count++;
	packets->number++;
	drop_old(packets);
	return packet;
}

static int choose_way(struct packets *packets, const struct media *media)
{
	const char *name = media->format->iformat->name;

	packets->way = WAY_NOTES;
	if (strcmp(name, "ogg") == 0)
		packets->way = WAY_WALK;
	if (strncmp(name, "mov,", 4) != 0)
		return 0;
	if (!packets_index_is_sound(media))
		return fail(-ENOTSUP,
			    "the positions of its packets are not reliable");
	packets->fragmented =
		packets_is_fragmented(packets->input, packets->sniff.start);
	packets->way = packets->fragmented ? WAY_WALK : WAY_STAMPS;
	return 0;
}

/* Its headers are those of the file; it begins where the file begins. */
static int start_parser(struct packets *packets, const struct media *media)
{
	const AVCodecParameters *codec = media->audio->codecpar;

	av_vorbis_parse_free(&packets->vorbis);
	if (strcmp(media->format->iformat->name, "ogg") != 0 ||
	    codec->codec_id != AV_CODEC_ID_VORBIS)
		return 0;
	packets->vorbis =
		av_vorbis_parse_init(codec->extradata, codec->extradata_size);
	return packets->vorbis ? 0 : fail(-EINVAL, "invalid Vorbis headers");
}

static int open_media(struct packets *packets, struct source_info *info)
{
	struct media *media;
	int error =
		describe_open(packets->input, &packets->sniff, &media, info);

	if (error)
		return error;
	error = choose_way(packets, media);
	if (!error)
		error = start_parser(packets, media);
	if (error) {
		media_close(media);
		return error;
	}
	media_close(packets->media);
	packets->media = media;
	packets_forget(packets, 0, 0);
	return 0;
}

int packets_open(struct input *input, const struct sniff *sniff,
		 struct source_info *info, struct packets **packets)
{
	struct packets *p = calloc(1, sizeof(*p));
	int error;

	if (!p)
		return fail(-ENOMEM, "out of memory");
	TAILQ_INIT(&p->kept);
	p->input = input;
	p->sniff = *sniff;
	p->ahead = av_packet_alloc();
	error = p->ahead ? open_media(p, info) : fail(-ENOMEM, "out of memory");
	if (error) {
		packets_close(p);
		return error;
	}
	p->rate = info->rate;
	*packets = p;
	return 0;
}

const struct packet *packets_begin(struct packets *packets, bool overlaps)
{
	packets->overlaps = overlaps;
	return packets_read(packets);
}

void packets_set_warm_up(struct packets *packets, const struct warm_up *warm_up)
{
	packets->warm_up = *warm_up;
}

bool packets_begin_again(struct packets *packets)
{
	struct source_info info;

	return open_media(packets, &info) == 0 && packets_read(packets);
}

const struct packet *packets_rewind(struct packets *packets)
{
	return packets_begin_again(packets) ? TAILQ_FIRST(&packets->kept)
					    : NULL;
}

void packets_close(struct packets *packets)
{
	if (!packets)
		return;
	packets_forget(packets, 0, 0);
	av_packet_free(&packets->ahead);
	media_close(packets->media);
	av_vorbis_parse_free(&packets->vorbis);
	free(packets->notes);
	free(packets);
}

struct media *packets_media(const struct packets *packets)
{
	return packets->media;
}

int64_t packets_zero(const struct packets *packets)
{
	return packets->zero;
}

bool packets_are_mended(const struct packets *packets)
{
	return packets->fragmented || packets->mended;
}

uint32_t packets_lead(const struct packets *packets)
{
	return packets->lead;
}

uint32_t packets_delay(const struct packets *packets)
{
	return packets->delay;
}

const struct packet *packets_next(struct packets *packets,
				  const struct packet *packet)
{
	const struct packet *next = TAILQ_NEXT(packet, link);

	return next ? next : packets_read(packets);
}

uint64_t packets_walk(struct packets *packets)
{
	while (packets_read(packets))
		continue;
	return packets->next > 0 ? (uint64_t)packets->next : 0;
}
