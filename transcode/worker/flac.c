/*
 * FLAC's metadata is a chain of blocks with their lengths; only the first,
 * STREAMINFO, matters here, and where the chain ends. A picture in between is
 * stepped over, not read.
 */
#include "transcode/worker/flac.h"

#include "transcode/worker/fail.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

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
