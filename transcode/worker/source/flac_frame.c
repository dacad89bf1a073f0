/*
 * A frame has no length: it ends where the next one begins. So what looks like
 * a header is one if its CRC-8 is right, and a frame if the CRC-16 is, up to
 * the next header or the end. This rejects what a decoder might take for a
 * frame by chance.
 */
#include "transcode/worker/source/flac_frame.h"

#include <libavutil/crc.h>
#include <string.h>

/* RFC 9639, 9.1.5: a number in one to seven bytes, like UTF-8's. */
static size_t number_length(uint8_t first)
{
	size_t n = 0;

	while (n < 7 && first & 0x80 >> n)
		n++;
	return n > 0 ? n : 1;
}

static uint64_t read_number(const uint8_t *bytes)
{
	size_t length = number_length(bytes[0]);
	uint64_t value = length == 1 ? bytes[0] : bytes[0] & (0x7f >> length);

	for (size_t i = 1; i < length; i++)
		value = value << 6 | (bytes[i] & 0x3f);
	return value;
}

/* RFC 9639, 9.1.1 and 9.1.6; 0: reserved. */
static uint32_t block_size(unsigned code, const uint8_t *behind)
{
	if (code == 1)
		return 192;
	if (code >= 2 && code <= 5)
		return 576u << (code - 2);
	if (code == 6)
		return behind[0] + 1u;
	if (code == 7)
		return ((uint32_t)behind[0] << 8 | behind[1]) + 1;
	return code >= 8 ? 256u << (code - 8) : 0;
}

/* RFC 9639, 9.1.2 and 9.1.7. */
static uint32_t sample_rate(unsigned code, const uint8_t *behind)
{
	static const uint32_t rates[] = {0,	88200, 176400, 192000,
					 8000,	16000, 22050,  24000,
					 32000, 44100, 48000,  96000};
	uint32_t two = (uint32_t)behind[0] << 8 | behind[1];

	if (code < 12)
		return rates[code];
	if (code == 12)
		return behind[0] * 1000u;
	return code == 13 ? two : two * 10;
}

static bool parse_flac_frame(const uint8_t bytes[FLAC_FRAME_HEAD],
			     struct flac_frame *frame)
{
	static const uint8_t bits[8] = {0, 8, 12, 0, 16, 20, 24, 32};
	unsigned block = bytes[2] >> 4, rate = bytes[2] & 15;
	unsigned channels = bytes[3] >> 4, width = bytes[3] >> 1 & 7;
	size_t at, rate_at;

	at = 4 + number_length(bytes[4]);
	rate_at = at + (block == 6) + 2 * (block == 7);
	if (block == 0 || rate == 15 || channels > 10 || width == 3 ||
	    (bytes[3] & 1) ||
	    av_crc(av_crc_get_table(AV_CRC_8_ATM), 0, bytes,
		   rate_at + (rate == 12) + 2 * (rate > 12) + 1) != 0)
		return false;
	*frame = (struct flac_frame){
		.samples = block_size(block, bytes + at),
		.rate = sample_rate(rate, bytes + rate_at),
		.channels = channels < 8 ? channels + 1 : 2,
		.bits = bits[width],
		.fixed = !(bytes[1] & 1),
		.number = read_number(bytes + 4),
	};
	return true;
}

bool flac_parse_frame(const uint8_t *bytes, size_t size,
		      struct flac_frame *frame)
{
	uint8_t head[FLAC_FRAME_HEAD] = {0};

	if (size < 2 || bytes[0] != 0xff || (bytes[1] & 0xfe) != 0xf8)
		return false;
	memcpy(head, bytes, size < sizeof(head) ? size : sizeof(head));
	return parse_flac_frame(head, frame);
}

static uint32_t crc16(uint32_t crc, const uint8_t *bytes, size_t size)
{
	return av_crc(av_crc_get_table(AV_CRC_16_ANSI), crc, bytes, size);
}

/* The next header from `from` on; `size`: there is none. */
static size_t next_header(const uint8_t *bytes, size_t size, size_t from,
			  struct flac_frame *frame)
{
	const uint8_t *at = bytes + from, *end = bytes + size;

	while (at < end && (at = memchr(at, 0xff, (size_t)(end - at)))) {
		if (flac_parse_frame(at, (size_t)(end - at), frame))
			return (size_t)(at - bytes);
		at++;
	}
	return size;
}

/* Whether a frame that begins here ends before another one's header. */
static bool is_followed(const uint8_t *bytes, size_t size)
{
	struct flac_frame next;
	uint32_t crc = 0;
	size_t done = 0, at = 1;

	while ((at = next_header(bytes, size, at, &next)) < size) {
		crc = crc16(crc, bytes + done, at - done);
		if (crc == 0)
			return true;
		done = at++;
	}
	return false;
}

bool flac_find_frame(const uint8_t *bytes, size_t size,
		     struct flac_frame *frame)
{
	size_t at = 0;

	while ((at = next_header(bytes, size, at, frame)) < size) {
		if (is_followed(bytes + at, size - at))
			return true;
		at++;
	}
	return false;
}

bool flac_find_last_frame(const uint8_t *bytes, size_t size,
			  struct flac_frame *frame)
{
	const uint8_t *at = bytes + size;

	while ((at = memrchr(bytes, 0xff, (size_t)(at - bytes)))) {
		size_t i = (size_t)(at - bytes);

		if (flac_parse_frame(bytes + i, size - i, frame) &&
		    crc16(0, bytes + i, size - i) == 0)
			return true;
	}
	return false;
}
