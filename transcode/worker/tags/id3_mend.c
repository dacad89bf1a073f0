/*
 * What is mended, in frames that are neither compressed, encrypted nor
 * unsynchronized (id3v2.3.0, 3.3; id3v2.4.0-structure, 4.1):
 *
 *   a group's number before the frame's bytes   TagLib reads it as the encoding
 *   an encoding that does not exist             is ISO 8859-1
 *   UTF-16 without a byte order mark            gets the encoding without one
 *   a mark before the description only (USLT)   is moved to the text
 */
#include "transcode/worker/tags/id3_mend.h"

#include "base/bytes.h"

#include <stdbool.h>
#include <string.h>

enum { FRAME_HEADER = 10, LATIN1 = 0, UTF16 = 1, UTF16_BE = 2, UTF8 = 3 };

void id3_mend_header(uint8_t header[ID3_HEADER_SIZE])
{
	header[5] &= (uint8_t)~0x10;
}

static size_t frame_size(unsigned version, const uint8_t *head)
{
	if (version == 3)
		return bytes_big32(head + 4);
	return (size_t)(head[4] & 0x7f) << 21 | (size_t)(head[5] & 0x7f) << 14 |
	       (size_t)(head[6] & 0x7f) << 7 | (head[7] & 0x7f);
}

static bool is_coded(unsigned version, uint8_t flags)
{
	return flags & (version == 3 ? 0xc0 : 0x0f);
}

static void remove_group(unsigned version, uint8_t *head, size_t size)
{
	uint8_t flag = version == 3 ? 0x20 : 0x40;
	uint8_t *body = head + FRAME_HEADER;

	if (!(head[9] & flag))
		return;
	head[9] &= (uint8_t)~flag;
	memmove(body, body + 1, size - 1);
	body[size - 1] = '\0';
}

static bool has_mark(const uint8_t *text)
{
	return memcmp(text, "\xff\xfe", 2) == 0 ||
	       memcmp(text, "\xfe\xff", 2) == 0;
}

/* Without a mark it is mostly little-endian, as Windows writes. */
static void mend_text(uint8_t *body, size_t size)
{
	uint8_t *text = body + 1;

	if (size < 3 || body[0] != UTF16 || has_mark(text))
		return;
	body[0] = UTF16_BE;
	if (text[0] == 0 && text[1] != 0)
		return;
	for (size_t i = 0; i + 1 < size - 1; i += 2) {
		uint8_t low = text[i];

		text[i] = text[i + 1];
		text[i + 1] = low;
	}
}

/* Encoding, language, a mark and the end of the description, then the text. */
static void mend_words(uint8_t *body, size_t size)
{
	uint8_t mark[2];

	if (size < 10 || body[0] != UTF16 || !has_mark(body + 4) ||
	    memcmp(body + 6, "\0\0", 2) != 0 || has_mark(body + 8))
		return;
	memcpy(mark, body + 4, 2);
	memcpy(body + 4, "\0\0", 2);
	memcpy(body + 6, mark, 2);
}

static void mend_frame(unsigned version, uint8_t *head, size_t size)
{
	uint8_t *body = head + FRAME_HEADER;
	bool words = memcmp(head, "USLT", 4) == 0;

	if (size == 0 || is_coded(version, head[9]))
		return;
	remove_group(version, head, size);
	if (head[0] != 'T' && !words && memcmp(head, "COMM", 4) != 0)
		return;
	if (body[0] > UTF8 && body[0] < ' ')
		body[0] = LATIN1;
	if (words)
		mend_words(body, size);
	else if (head[0] == 'T' && memcmp(head, "TXXX", 4) != 0)
		mend_text(body, size);
}

void id3_mend_frames(const uint8_t header[ID3_HEADER_SIZE], uint8_t *bytes,
		     size_t size)
{
	unsigned version = header[3];
	size_t at = 0;

	/* with an extended header, or unsynchronized: not worth it */
	if ((version != 3 && version != 4) || (header[5] & 0xc0))
		return;
	while (size - at > FRAME_HEADER && bytes[at] >= 'A' &&
	       bytes[at] <= 'Z') {
		size_t n = frame_size(version, bytes + at);

		if (n > size - at - FRAME_HEADER)
			return;
		mend_frame(version, bytes + at, n);
		at += FRAME_HEADER + n;
	}
}
