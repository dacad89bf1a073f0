/*
 * Lossy codecs in containers whose packets can be counted. Their decoders have
 * a memory: what a packet becomes depends on those before it, and on chance
 * (AAC and AC-3 fill bands with noise). So that a stretch of audio is the same
 * whatever was read before it, each is a span of its own: a new decoder begins
 * some packets earlier, and its output for those is dropped.
 *
 *    frame                    -warm-up-  |---- count ----|
 *    packets          |     |     |     |     |     |     |     |
 *    new decoder            ^ begins
 *
 * A decoder that provably gives the same may go on instead, as long as nothing
 * was damaged. One that never forgets always goes on, from the file's first
 * packet. Packets that cannot be decoded leave silence in their place; those
 * behind stay in theirs.
 */
#include "base/cleanup.h"
#include "cache/disk/facts.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/formats/ogg.h"
#include "transcode/worker/source/decode.h"
#include "transcode/worker/source/describe.h"
#include "transcode/worker/source/length.h"
#include "transcode/worker/source/packet_rules.h"
#include "transcode/worker/source/packets.h"
#include "transcode/worker/source/source.h"

#include <string.h>

struct packets_decoder {
	struct input *input;
	struct sniff sniff;
	const struct packet_rule *rule;
	struct packets *packets;
	struct decode decode;
	AVPacket *preface; /* every new decoder is fed it first; or NULL */

	/* The stretch that was decoded last: decode.samples. */
	const struct packet *packet; /* NULL: none yet, or none any more */
	int64_t start;		     /* frames */
	size_t count;		     /* frames */

	int64_t end;	   /* of the track, as stated; 0: unknown */
	uint64_t position; /* where the last span ended */
	bool clean;	   /* this decoder has seen no damage */
};

static int start_decoder(struct packets_decoder *decoder)
{
	decoder->count = 0;
	decoder->packet = NULL;
	decoder->clean = true;
	return decode_start(&decoder->decode,
			    packets_media(decoder->packets)->audio,
			    decoder->rule->name, AV_CODEC_FLAG2_SKIP_MANUAL);
}

/*
 * ISO 14496-3, 1.A.2: AAC of channel configuration 0 states its channels in the
 * first frame, and need not do so again.
 */
static int keep_preface(struct packets_decoder *decoder, const AVPacket *data)
{
	const uint8_t *h = data->data;

	if (decoder->rule->id != AV_CODEC_ID_AAC || data->size < 7 ||
	    h[0] != 0xff || (h[1] & 0xf6) != 0xf0 || (h[2] & 1) || h[3] >> 6)
		return 0;
	decoder->preface = av_packet_clone(data);
	return decoder->preface ? 0 : fail(-ENOMEM, "out of memory");
}

/* A decoder needs the headers of the link that it is in. */
static bool is_chain(const struct packets_decoder *decoder)
{
	const struct media *media = packets_media(decoder->packets);

	return strcmp(media->format->iformat->name, "ogg") == 0 &&
	       ogg_is_chained(decoder->input, decoder->sniff.start);
}

static int prepare_packets(struct packets_decoder *decoder,
			   struct source_info *info)
{
	struct media *media = packets_media(decoder->packets);
	const struct packet *first;
	int error;

	decoder->rule = packet_rule_find(media);
	if (!decoder->rule || info->kind != FACTS_LOSSY || is_chain(decoder))
		return fail(-ENOTSUP, "not packet by packet");
	error = start_decoder(decoder);
	if (error)
		return error;
	decode_name_speakers(&decoder->decode.codec->ch_layout, info);
	decode_expect(&decoder->decode, info);
	first = packets_begin(decoder->packets, decoder->rule->overlaps);
	if (!first)
		return fail(-EINVAL, "no audio in the file");
	packets_set_warm_up(decoder->packets,
			    packet_rule_warm_up(decoder->rule, first));
	info->samples =
		length_told(decoder->packets, decoder->input, &decoder->sniff);
	decoder->end = (int64_t)info->samples;
	info->revision = packet_rule_revision(decoder->rule, first) |
			 packets_are_mended(decoder->packets);
	return keep_preface(decoder, first->data);
}

static void close_packets(void *context)
{
	struct packets_decoder *decoder = context;

	av_packet_free(&decoder->preface);
	decode_release(&decoder->decode);
	packets_close(decoder->packets);
}

static int open_packets(void *decoder, struct input *input,
			const struct sniff *sniff, struct source_info *info)
{
	struct packets_decoder *d = decoder;
	int error;

	if (!packet_rules_may_fit(input, sniff))
		return fail(-ENOTSUP, "not packet by packet");
	d->input = input;
	d->sniff = *sniff;
	d->position = UINT64_MAX;
	error = decode_init(&d->decode);
	if (!error)
		error = packets_open(input, sniff, info, &d->packets);
	return error ? error : prepare_packets(d, info);
}

/* All frames of the packet, one after the other. */
static void take_frames(struct packets_decoder *decoder)
{
	int error;

	while ((error = avcodec_receive_frame(decoder->decode.codec,
					      decoder->decode.frame)) >= 0) {
		size_t n;

		if (decode_convert(&decoder->decode, decoder->count, &n))
			decoder->count += n;
		else
			decoder->clean = false;
	}
	if (error != AVERROR(EAGAIN) && error != AVERROR_EOF)
		decoder->clean = false;
}

/* A Vorbis decoder takes it, and is another one from then on. */
static bool is_header(const struct packets_decoder *decoder,
		      const AVPacket *data)
{
	return decoder->rule->id == AV_CODEC_ID_VORBIS && data->size > 0 &&
	       (data->data[0] & 1);
}

/*
 * Where a short Vorbis block follows a long one, FFmpeg ends the packet where
 * it should, but begins it too late: what is missing is before it.
 */
static void mend_start(struct packets_decoder *decoder,
		       const struct packet *packet, int64_t before)
{
	int64_t gap = packet->start - before;
	int64_t more = (int64_t)decoder->count - (packet->end - packet->start);

	if (decoder->rule->overlaps && more > 0 && gap > 0)
		decoder->start -= more < gap ? more : gap;
}

static int64_t edit_tick(const struct packets_decoder *decoder)
{
	return decoder->decode.rate / LENGTH_EDIT_TICKS + 1;
}

/* The last packet ends with the track, which an edit list may round. */
static int64_t end_of(const struct packets_decoder *decoder,
		      const struct packet *packet)
{
	if (decoder->end > packet->end &&
	    decoder->end - packet->end <= edit_tick(decoder))
		return decoder->end;
	return packet->end;
}

/*
 * A packet's output ends where the next one begins, even if its time stamp
 * lies: a decoder that begins anew may not have the packets before. The length
 * of packets of a fragmented MP4 is stated nowhere; then going on is not as
 * good.
 */
static void clip_end(struct packets_decoder *decoder,
		     const struct packet *packet)
{
	int64_t end = end_of(decoder, packet);
	int64_t room = end - decoder->start;

	if (packet->end == packet->start)
		decoder->clean = false;
	else if ((int64_t)decoder->count > room)
		decoder->count = (size_t)room;
}

static void decode_packet(struct packets_decoder *decoder,
			  const struct packet *packet)
{
	int64_t before = decoder->packet ? decoder->packet->end : packet->start;

	decoder->packet = packet;
	decoder->start = packet->start;
	decoder->count = 0;
	if (is_header(decoder, packet->data))
		decoder->clean = false;
	if (avcodec_send_packet(decoder->decode.codec, packet->data) < 0)
		decoder->clean = false;
	take_frames(decoder);
	mend_start(decoder, packet, before);
	clip_end(decoder, packet);
}

struct span {
	float *frames;
	int64_t start;
	int64_t end;
	int64_t filled; /* up to where, samples or silence */
	uint64_t heard; /* frames that are no silence */
};

/* Puts what the decoder has just made into its place. */
static void copy_stretch(const struct packets_decoder *decoder,
			 struct span *span)
{
	unsigned channels = decoder->decode.channels;
	int64_t from = decoder->start, to = from + (int64_t)decoder->count;

	if (from < span->filled)
		from = span->filled;
	if (to > span->end)
		to = span->end;
	if (from >= to)
		return;
	memcpy(span->frames + (size_t)(from - span->start) * channels,
	       decoder->decode.samples +
		       (size_t)(from - decoder->start) * channels,
	       (size_t)(to - from) * channels * sizeof(float));
	span->heard += (uint64_t)(to - from);
	span->filled = to;
}

static void on_preface(struct packets_decoder *decoder)
{
	AVFrame *frame = decoder->decode.frame;

	if (avcodec_send_packet(decoder->decode.codec, decoder->preface) < 0)
		return;
	while (avcodec_receive_frame(decoder->decode.codec, frame) >= 0)
		continue;
}

/* Behind the packets' end the last one may reach up to that of the track. */
static const struct packet *seek_packet(struct packets_decoder *decoder,
					uint64_t frame)
{
	uint64_t tick = (uint64_t)edit_tick(decoder);
	const struct packet *first =
		decoder->rule->remembers
			? packets_rewind(decoder->packets)
			: packets_seek(decoder->packets, frame);

	if (first || frame >= (uint64_t)decoder->end || frame < tick)
		return first;
	return packets_seek(decoder->packets, frame - tick);
}

static bool may_go_on(const struct packets_decoder *decoder, uint64_t frame)
{
	if (!decoder->packet)
		return false;
	if (decoder->rule->remembers)
		return decoder->position <= frame;
	return decoder->rule->goes_on && decoder->clean &&
	       decoder->position == frame;
}

/* Gives the first packet of the span, NULL for the one after the last. */
static int begin_span(struct packets_decoder *decoder, uint64_t frame,
		      const struct packet **first)
{
	int error;

	*first = NULL;
	if (may_go_on(decoder, frame))
		return 0;
	*first = seek_packet(decoder, frame);
	error = start_decoder(decoder);
	if (!error && *first && decoder->preface &&
	    (*first)->data->pos != decoder->preface->pos)
		on_preface(decoder);
	return error ? error : (*first ? 0 : -ENODATA);
}

static const struct packet *following(struct packets_decoder *decoder)
{
	return packets_next(decoder->packets, decoder->packet);
}

static void fill_span(struct packets_decoder *decoder, struct span *span,
		      const struct packet *packet)
{
	if (!packet) {
		copy_stretch(decoder, span);
		if (decoder->packet->end < span->end)
			packet = following(decoder);
	}
	while (packet) {
		decode_packet(decoder, packet);
		copy_stretch(decoder, span);
		packet = packet->end < span->end ? following(decoder) : NULL;
	}
}

static uint64_t read_span(void *context, uint64_t frame, float *frames,
			  size_t count)
{
	struct packets_decoder *decoder = context;
	const struct packet *first;
	struct span span = {
		.frames = frames,
		.start = (int64_t)frame,
		.end = (int64_t)(frame + count),
		.filled = (int64_t)frame,
	};

	memset(frames, 0, count * decoder->decode.channels * sizeof(*frames));
	if (begin_span(decoder, frame, &first) == 0)
		fill_span(decoder, &span, first);
	decoder->position = frame + count;
	return count - span.heard;
}

static uint64_t count_frames(void *context)
{
	struct packets_decoder *decoder = context;

	decoder->packet = NULL; /* it will be gone */
	return length_walked(decoder->packets, decoder->input, &decoder->sniff);
}

const struct source_ops source_packets = {
	.name = "FFmpeg, packet by packet",
	.size = sizeof(struct packets_decoder),
	.open = open_packets,
	.span = read_span,
	.count = count_frames,
	.close = close_packets,
};
