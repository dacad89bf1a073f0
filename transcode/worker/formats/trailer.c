/*
 * A picture in an APE tag contains bytes that look like MP3 frames. So tags are
 * peeled off from the end, in whatever order they were put there.
 *
 *   ID3v1      128 bytes, "TAG" at the front; 227 more with "TAG+"
 *   APE        a footer of 32 bytes: its size, without an optional header
 *   Lyrics3v2  six digits of size and "LYRICS200" at its end
 *   ID3v2.4    appended, with a footer of 10 bytes
 */
#include "transcode/worker/formats/trailer.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

enum { MAX_TAGS = 8, TAIL = 128, EXTENDED = 227 };

static uint64_t id3v1(struct input *input, uint64_t end, const uint8_t *tail)
{
	char mark[4];

	if (memcmp(tail, "TAG", 3) != 0)
		return 0;
	if (end >= TAIL + EXTENDED &&
	    input_read(input, end - TAIL - EXTENDED, mark, 4) == 4 &&
	    memcmp(mark, "TAG+", 4) == 0)
		return TAIL + EXTENDED;
	return TAIL;
}

static uint64_t ape(const uint8_t *tail)
{
	const uint8_t *footer = tail + TAIL - 32;

	if (memcmp(footer, "APETAGEX", 8) != 0)
		return 0;
	return (uint64_t)bytes_little32(footer + 12) +
	       (footer[23] & 0x80 ? 32 : 0);
}

static uint64_t lyrics3(const uint8_t *tail)
{
	char digits[7] = "";
	unsigned size = 0;

	if (memcmp(tail + TAIL - 9, "LYRICS200", 9) != 0)
		return 0;
	memcpy(digits, tail + TAIL - 15, 6);
	return sscanf(digits, "%6u", &size) == 1 ? size + 15 : 0;
}

static uint64_t id3v2(const uint8_t *tail)
{
	const uint8_t *footer = tail + TAIL - 10;

	if (memcmp(footer, "3DI", 3) != 0)
		return 0;
	return 20 + ((uint64_t)(footer[6] & 0x7f) << 21) +
	       ((uint64_t)(footer[7] & 0x7f) << 14) +
	       ((uint64_t)(footer[8] & 0x7f) << 7) + (footer[9] & 0x7f);
}

uint64_t trailer_start(struct input *input, uint64_t start)
{
	uint64_t end = input->size;

	for (int i = 0; i < MAX_TAGS && end >= start + TAIL; i++) {
		uint8_t tail[TAIL];
		uint64_t size;

		if (input_read(input, end - TAIL, tail, TAIL) != TAIL)
			break;
		size = id3v1(input, end, tail);
		size = size ? size : ape(tail);
		size = size ? size : lyrics3(tail);
		size = size ? size : id3v2(tail);
		if (size == 0 || size > end - start)
			break;
		end -= size;
	}
	return end;
}
