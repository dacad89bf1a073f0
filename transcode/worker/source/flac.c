/*
 * FLAC's metadata is a chain of blocks with their lengths; only the first,
 * STREAMINFO, matters here, and where the chain ends. A picture in between is
 * skipped, not read.
 */
#include "transcode/worker/source/flac.h"

#include "transcode/worker/fail.h"
#include "transcode/worker/formats/headers.h"
#include "transcode/worker/source/flac_frame.h"
#include "transcode/worker/source/mix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BLOCK_HEADER = 4, MAX_BLOCKS = 1024 };

static int read_exactly(struct input *input, uint64_t at, void *bytes,
			size_t size)
{
	ssize_t n = input_read(input, at, bytes, size);

	if (n < 0)
		return fail((int)n, "cannot read the file");
	if ((size_t)n < size)
		return fail(-EINVAL, "FLAC: the header is cut off");
	return 0;
}

/* RFC 9639, 8.2. */
void flac_parse(const uint8_t *p, struct flac_header *header)
{
	memcpy(header->streaminfo, p, FLAC_STREAMINFO_SIZE);
	header->rate =
		(uint32_t)p[10] << 12 | (uint32_t)p[11] << 4 | p[12] >> 4;
	header->channels = (p[12] >> 1 & 7) + 1u;
	header->bits = ((p[12] & 1u) << 4 | p[13] >> 4) + 1u;
	header->samples = (uint64_t)(p[13] & 15) << 32 | (uint64_t)p[14] << 24 |
			  (uint64_t)p[15] << 16 | (uint64_t)p[16] << 8 | p[17];
}

static int find_audio(struct input *input, uint64_t at, uint64_t *audio)
{
	uint8_t head[BLOCK_HEADER];

	for (int i = 0; i < MAX_BLOCKS; i++) {
		int error = read_exactly(input, at, head, sizeof(head));

		if (error)
			return error;
		at += BLOCK_HEADER + ((uint64_t)head[1] << 16 |
				      (uint64_t)head[2] << 8 | head[3]);
		if (head[0] & 0x80) {
			*audio = at;
			return 0;
		}
	}
	return fail(-EINVAL, "FLAC: the header has no end");
}

int flac_read_header(struct input *input, uint64_t start,
		     struct flac_header *header)
{
	uint8_t head[4 + BLOCK_HEADER + FLAC_STREAMINFO_SIZE];
	struct flac_header found = {0};
	int error = read_exactly(input, start, head, sizeof(head));

	if (error)
		return error;
	if (memcmp(head, "fLaC", 4) != 0 || (head[4] & 0x7f) != 0)
		return fail(-EINVAL, "FLAC: no STREAMINFO");
	flac_parse(head + 8, &found);
	error = find_audio(input, start + 4, &found.audio);
	if (error)
		return error;
	*header = found;
	return 0;
}

static int take_mask(void *context, const char *comment, size_t length)
{
	static const char name[] = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=";
	const size_t named = sizeof(name) - 1;
	uint32_t *mask = context;
	char value[16] = "";

	if (length <= named || length - named >= sizeof(value) ||
	    strncasecmp(comment, name, named) != 0)
		return 0;
	memcpy(value, comment + named, length - named);
	*mask = (uint32_t)strtoul(value, NULL, 16);
	return 1;
}

static int find_mask(void *context, enum header_kind kind, const uint8_t *bytes,
		     size_t size)
{
	if (kind != HEADER_COMMENTS)
		return 0;
	headers_walk_comments(bytes, size, take_mask, context);
	return 1;
}

uint32_t flac_mask_in_blocks(struct input *input, uint64_t start)
{
	uint32_t mask = 0;

	headers_of_flac(input, start, HEADER_COMMENTS, find_mask, &mask);
	return mask;
}

uint32_t flac_mask_in_ogg(struct input *input, uint64_t start)
{
	uint32_t mask = 0;

	headers_of_ogg(input, start, find_mask, &mask);
	return mask;
}

uint32_t flac_channel_mask(struct input *input, uint64_t start)
{
	uint8_t usual[8], named[8];
	struct flac_header header;
	uint32_t mask;

	if (flac_read_header(input, start, &header) != 0 || header.channels < 3)
		return 0;
	mask = flac_mask_in_blocks(input, start);
	mix_speakers(0, header.channels, usual);
	mix_speakers(mask, header.channels, named);
	return memcmp(usual, named, header.channels) != 0 ? mask : 0;
}

/* Only what STREAMINFO says. */
bool flac_is_as_announced(const struct flac_frame *frame,
			  const struct flac_header *header)
{
	return frame->channels == header->channels &&
	       (frame->rate == 0 || frame->rate == header->rate) &&
	       (frame->bits == 0 || frame->bits == header->bits);
}

bool flac_first_frame(struct input *input, const struct flac_header *header,
		      struct flac_frame *frame)
{
	uint8_t bytes[FLAC_FRAME_HEAD];
	ssize_t n = input_read(input, header->audio, bytes, sizeof(bytes));

	return n > 0 && flac_parse_frame(bytes, (size_t)n, frame);
}

bool flac_begins(struct input *input, const struct flac_header *header)
{
	enum { TOO_SHORT = 65536, USUAL_BITS = 24 };
	struct flac_frame frame;

	return header->bits <= USUAL_BITS &&
	       input->size >= header->audio + TOO_SHORT &&
	       flac_first_frame(input, header, &frame) &&
	       flac_is_as_announced(&frame, header);
}

static uint32_t get16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

/*
 * Frames of one size are numbered, so the size gives their positions; frames of
 * different sizes state their positions, and only the largest size is of use.
 */
bool flac_mend(struct input *input, uint64_t start, struct input_patch *patch)
{
	struct flac_header header;
	struct flac_frame frame;
	uint32_t least, most, size;

	if (flac_read_header(input, start, &header) != 0 ||
	    !flac_first_frame(input, &header, &frame))
		return false;
	least = get16(header.streaminfo);
	most = get16(header.streaminfo + 2);
	size = frame.samples;
	if (size < 16 || size > 65535 ||
	    (header.samples > 0 && header.samples <= size) ||
	    (frame.fixed ? least == size && most == size : size <= most))
		return false;
	least = frame.fixed ? size : 16;
	most = frame.fixed ? size : 65535;
	*patch = (struct input_patch){.at = start + 8, .size = 4};
	patch->bytes[0] = (uint8_t)(least >> 8);
	patch->bytes[1] = (uint8_t)least;
	patch->bytes[2] = (uint8_t)(most >> 8);
	patch->bytes[3] = (uint8_t)most;
	return true;
}
