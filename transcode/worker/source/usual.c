/*
 * Every file that is listed is checked for whether anything in it can be
 * decoded, and a packet may hold a second of music: decoding it takes 50 times
 * as long as opening the file. The usual packets show by themselves that they
 * are whole, as FLAC's frames do by the checksum of their headers.
 *
 *   ALAC     no checksum: the fields of the first element that can only be so,
 *            and the end element's ones in the last byte
 *   WavPack  its blocks fill the packet and its sub-blocks the block, and those
 *            that FFmpeg needs are there (wavpack.com, "WavPack 4 & 5 Binary
 *            File / Block Format")
 *   TTA      a checksum over all of it
 */
#include "transcode/worker/source/usual.h"

#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>
#include <string.h>

/* Three bits of type, four of instance, twelve unused; one: it is no full one
 */
static bool is_usual_alac(const uint8_t *data, size_t size, int channels)
{
	enum { LEAST = 8, MONO = 0, STEREO = 1 };

	return size >= LEAST && channels <= 2 &&
	       data[0] >> 5 == (channels == 1 ? MONO : STEREO) &&
	       (AV_RB32(data) & 0x01fff000) == 0 && data[size - 1] != 0;
}

struct usual_block {
	const uint8_t *at;
	size_t size;
};

/* A sub-block: its kind, its size in words, and a byte less if that is odd. */
static int next_kind(struct usual_block *rest)
{
	enum { LARGE = 0x80, KIND = 0x3f };
	size_t head = rest->size > 0 && (rest->at[0] & LARGE) ? 4 : 2;
	size_t size;
	int kind;

	if (rest->size < head)
		return -1;
	size = head + 2 * (head == 4 ? AV_RL24(rest->at + 1) : rest->at[1]);
	if (rest->size < size)
		return -1;
	kind = rest->at[0] & KIND;
	rest->at += size;
	rest->size -= size;
	return kind;
}

/* Alone in its packet, of whole numbers, with speakers as usual. */
static bool is_usual_block(const uint8_t *data, size_t size, int channels)
{
	enum { VERSION = 4, MONO = 1 << 2, FLOATS = 1 << 7, ALONE = 3 << 11 };
	uint32_t flags = AV_RL32(data + 24);

	return memcmp(data, "wvpk", 4) == 0 && AV_RL32(data + 4) == size - 8 &&
	       data[9] == VERSION && (flags & ALONE) == ALONE &&
	       !(flags & (FLOATS | 1u << 31)) && /* nor DSD */
	       channels == (flags & MONO ? 1 : 2);
}

static bool is_usual_wavpack(const uint8_t *data, size_t size, int channels)
{
	enum { HEAD = 32, SPEAKERS = 13 };
	const uint64_t wanted = 0x43c; /* kinds 2 to 5, and 10 */
	struct usual_block rest;
	uint64_t found = 0;

	if (size < HEAD || !is_usual_block(data, size, channels))
		return false;
	rest = (struct usual_block){data + HEAD, size - HEAD};
	while (rest.size > 0) {
		int kind = next_kind(&rest);

		if (kind < 0 || kind == SPEAKERS)
			return false;
		found |= (uint64_t)1 << kind;
	}
	return (found & wanted) == wanted;
}

static bool is_usual_tta(const uint8_t *data, size_t size)
{
	const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);

	return size > 4 && table &&
	       ~av_crc(table, UINT32_MAX, data, size - 4) ==
		       AV_RL32(data + size - 4);
}

bool usual_packet(const AVCodecParameters *codec, const AVPacket *packet)
{
	size_t size = packet->size > 0 ? (size_t)packet->size : 0;
	int channels = codec->ch_layout.nb_channels;

	if (size == 0)
		return false;
	switch (codec->codec_id) {
	case AV_CODEC_ID_ALAC:
		return is_usual_alac(packet->data, size, channels);
	case AV_CODEC_ID_WAVPACK:
		return is_usual_wavpack(packet->data, size, channels);
	case AV_CODEC_ID_TTA:
		return is_usual_tta(packet->data, size);
	default:
		return false;
	}
}
