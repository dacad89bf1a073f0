/*
 * Header packets of the first stream of an Ogg file, assembled from its pages
 * (RFC 3533, 6). Which packets count depends on the codec:
 *
 *   Vorbis, Opus, Speex  the second: comments
 *   FLAC                 each from the second on: a metadata block
 */
#include "transcode/worker/formats/headers.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <stdbool.h>
#include <string.h>

enum { PAGE_HEADER = 27, PACKETS_MAX = 64, PACKET_MAX = 24 << 20 };

enum ogg_codec { UNKNOWN, VORBIS, OPUS, SPEEX, FLAC };

struct ogg_packets {
	struct input *input;
	uint64_t at; /* of the next page */
	uint32_t stream;
	uint8_t lacing[255];
	unsigned segments, next; /* of the page that was read last */
	uint64_t body;		 /* where its next segment lies */
	uint8_t *packet;
	size_t size, room;
};

/* False: there is none, or the file cannot be read. */
static bool read_page(struct ogg_packets *p, bool first)
{
	uint8_t head[PAGE_HEADER];
	uint32_t stream;
	uint64_t size = 0;

	if (input_read(p->input, p->at, head, PAGE_HEADER) != PAGE_HEADER ||
	    memcmp(head, "OggS", 4) != 0)
		return false;
	p->segments = head[26];
	p->next = 0;
	if (input_read(p->input, p->at + PAGE_HEADER, p->lacing, p->segments) !=
	    (ssize_t)p->segments)
		return false;
	memcpy(&stream, head + 14, sizeof(stream));
	if (first)
		p->stream = stream;
	p->body = p->at + PAGE_HEADER + p->segments;
	for (unsigned i = 0; i < p->segments; i++)
		size += p->lacing[i];
	p->at = p->body + size;
	if (stream != p->stream)
		p->segments = 0; /* of another stream */
	return true;
}

static int append(struct ogg_packets *p, size_t size)
{
	if (size == 0)
		return 0;
	if (p->size + size > PACKET_MAX)
		return -EFBIG;
	if (p->size + size > p->room) {
		size_t room = 2 * (p->size + size);
		uint8_t *packet = realloc(p->packet, room);

		if (!packet)
			return fail(-ENOMEM, "out of memory");
		p->packet = packet;
		p->room = room;
	}
	if (input_read(p->input, p->body, p->packet + p->size, size) !=
	    (ssize_t)size)
		return -EIO;
	p->body += size;
	p->size += size;
	return 0;
}

/* The segments of a packet within this page are read at once. */
static int append_run(struct ogg_packets *p, bool *whole)
{
	size_t size = 0;

	*whole = false;
	while (p->next < p->segments && !*whole) {
		*whole = p->lacing[p->next] < 255;
		size += p->lacing[p->next++];
	}
	return append(p, size);
}

/* -ENOENT: no more pages. */
static int read_packet(struct ogg_packets *p)
{
	bool whole = false;
	int error = 0;

	p->size = 0;
	for (unsigned pages = 0; !error && !whole; pages++) {
		if (p->next < p->segments)
			error = append_run(p, &whole);
		else if (!read_page(p, false))
			error = -ENOENT;
		input_show_life(p->input);
	}
	return error;
}

static enum ogg_codec codec_of(const struct ogg_packets *p)
{
	static const struct {
		const char *magic;
		size_t size;
		enum ogg_codec codec;
	} codecs[] = {
		{"\x01vorbis", 7, VORBIS},
		{"OpusHead", 8, OPUS},
		{"Speex   ", 8, SPEEX},
		{"\x7f"
		 "FLAC",
		 5, FLAC},
	};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		if (p->size >= codecs[i].size &&
		    memcmp(p->packet, codecs[i].magic, codecs[i].size) == 0)
			return codecs[i].codec;
	}
	return UNKNOWN;
}

/* A metadata block with its header of four bytes. */
static int tell_block(const struct ogg_packets *p, header_fn *fn, void *context)
{
	unsigned kind;

	if (p->size < 4 || (p->packet[0] & 0x7f) >= 32)
		return 0;
	kind = 1u << (p->packet[0] & 0x7f);
	if (!(kind & (HEADER_COMMENTS | HEADER_PICTURE)))
		return 0;
	return fn(context, (enum header_kind)kind, p->packet + 4, p->size - 4);
}

static int tell_blocks(struct ogg_packets *p, header_fn *fn, void *context)
{
	int error = 0;

	for (int i = 0; !error && i < PACKETS_MAX; i++) {
		error = read_packet(p);
		if (!error && p->size > 0 && p->packet[0] == 0xff)
			break; /* the first frame */
		if (!error)
			error = tell_block(p, fn, context);
		if (!error && p->size > 0 && (p->packet[0] & 0x80))
			break; /* the last block */
	}
	return error;
}

static int tell_comments(struct ogg_packets *p, size_t skip, header_fn *fn,
			 void *context)
{
	int error = read_packet(p);

	if (error || p->size < skip)
		return error;
	return fn(context, HEADER_COMMENTS, p->packet + skip, p->size - skip);
}

static int tell_ogg_header(struct ogg_packets *p, header_fn *fn, void *context)
{
	switch (codec_of(p)) {
	case VORBIS:
		return tell_comments(p, 7, fn, context);
	case OPUS:
		return tell_comments(p, 8, fn, context);
	case SPEEX:
		return tell_comments(p, 0, fn, context);
	case FLAC:
		return tell_blocks(p, fn, context);
	default:
		return 0;
	}
}

int headers_of_ogg(struct input *input, uint64_t start, header_fn *fn,
		   void *context)
{
	struct ogg_packets p = {.input = input, .at = start};
	int error = 0;

	if (read_page(&p, true))
		error = read_packet(&p);
	if (!error)
		error = tell_ogg_header(&p, fn, context);
	free(p.packet);
	return error == -ENOMEM || error == -EFBIG || input->error ? error : 0;
}
