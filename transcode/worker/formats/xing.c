/*
 * The header is written when the file is complete, so a file that was truncated
 * or appended to is recognized by its size, and only by that. Some programs
 * count the header's own frame as music: only programs that are known to count
 * correctly are trusted.
 */
#include "transcode/worker/formats/xing.h"

#include "base/bytes.h"

#include <string.h>

enum { FRAMES = 1, BYTES = 2, TABLE = 4, QUALITY = 8 };

/* How far into the file, and from the decoder's output to its input. */
enum { SEARCH = 4096, DECODER_DELAY = 529 };

/* ISO 11172-3, 2.4.2.3, and 13818-3: a header of layer III. */
static bool is_header(const uint8_t *bytes)
{
	return bytes[0] == 0xff && (bytes[1] & 0xe6) == 0xe2 &&
	       (bytes[1] & 0x18) != 0x08 && (bytes[2] & 0xf0) != 0xf0 &&
	       (bytes[2] & 0x0c) != 0x0c;
}

static bool is_mpeg1(const uint8_t *header)
{
	return (header[1] & 0x18) == 0x18;
}

static size_t side_information(const uint8_t *header, bool mpeg1)
{
	bool mono = (header[3] & 0xc0) == 0xc0;

	if (mpeg1)
		return mono ? 17 : 32;
	return mono ? 9 : 17;
}

/* FFmpeg, which must report the delay, also trusts only these. */
static bool is_believed(const uint8_t *encoder)
{
	return memcmp(encoder, "LAME", 4) == 0 ||
	       memcmp(encoder, "Lavf", 4) == 0 ||
	       memcmp(encoder, "Lavc", 4) == 0;
}

static uint32_t padding_of(const uint8_t *bytes)
{
	uint32_t padding = (uint32_t)(bytes[22] & 0x0f) << 8 | bytes[23];

	if (!is_believed(bytes))
		return 0;
	return padding > DECODER_DELAY ? padding - DECODER_DELAY : 0;
}

/* At least `left` bytes from `tag` on are there. */
static bool parse_xing(const uint8_t *tag, size_t left, unsigned frame_samples,
		       uint64_t file_bytes, struct xing *xing)
{
	uint32_t flags = bytes_big32(tag + 4);
	size_t at = 16 + (flags & TABLE ? 100 : 0) + (flags & QUALITY ? 4 : 0);

	if ((flags & (FRAMES | BYTES)) != (FRAMES | BYTES) || left < at + 24)
		return false;
	xing->samples = (uint64_t)bytes_big32(tag + 8) * frame_samples;
	xing->complete =
		bytes_big32(tag + 12) == file_bytes && is_believed(tag + at);
	xing->padding = padding_of(tag + at);
	return true;
}

bool xing_read(struct input *input, uint64_t start, struct xing *xing)
{
	uint8_t head[SEARCH + 256] = {0};
	ssize_t size = input_read(input, start, head, sizeof(head));

	for (size_t i = 0; size > 0 && i < SEARCH && i < (size_t)size; i++) {
		const uint8_t *frame = head + i;
		bool mpeg1;
		size_t at;

		if (!is_header(frame))
			continue;
		mpeg1 = is_mpeg1(frame);
		at = 4 + side_information(frame, mpeg1);
		if (memcmp(frame + at, "Xing", 4) != 0 &&
		    memcmp(frame + at, "Info", 4) != 0)
			continue;
		return parse_xing(frame + at, sizeof(head) - i - at,
				  mpeg1 ? 1152 : 576, input->size - start - i,
				  xing);
	}
	return false;
}

static bool is_frame(const uint8_t *frame, size_t size)
{
	return size >= 4 && is_header(frame);
}

/* ISO 11172-3, 2.4.1: header, check, side information, main data. */
int64_t xing_main_data(const uint8_t *frame, size_t size)
{
	size_t before;

	if (!is_frame(frame, size))
		return 1;
	before = 4 + (frame[1] & 1 ? 0 : 2) +
		 side_information(frame, is_mpeg1(frame));
	return size > before ? (int64_t)(size - before) : 1;
}

bool xing_is_low(const uint8_t *frame, size_t size)
{
	return is_frame(frame, size) && !is_mpeg1(frame);
}
