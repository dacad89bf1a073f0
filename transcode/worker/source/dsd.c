/*
 * DSF ("DSF File Format Specification 1.01") has a header of fixed fields, and
 * then blocks of each channel in turn, the last ones filled up. DFF (DSDIFF
 * 1.5) is made of chunks, and has a byte of each channel in turn.
 */
#include "transcode/worker/source/dsd.h"

#include "base/bytes.h"
#include "transcode/worker/formats/chunks.h"
#include "transcode/worker/source/plausible.h"

#include <string.h>

enum { DSF_HEAD = 92, COUNT = 64, DATA_SIZE = 84, DATA_HEAD = 12 };

static uint64_t little64(const uint8_t *bytes)
{
	return (uint64_t)bytes_little32(bytes + 4) << 32 |
	       bytes_little32(bytes);
}

static uint64_t samples_of_dsf(const uint8_t *head, uint64_t size,
			       uint32_t channels)
{
	struct source_info told = {.samples = little64(head + COUNT) / 8};
	uint64_t bytes = little64(head + DATA_SIZE);

	bytes -= bytes < DATA_HEAD ? bytes : DATA_HEAD;
	if (bytes > size - DSF_HEAD)
		bytes = size - DSF_HEAD;
	plausible_cut(&told, bytes / channels);
	return told.samples;
}

uint64_t dsd_samples(struct input *input, uint64_t start, uint32_t channels)
{
	struct input part = *input;
	struct chunks_samples samples;
	uint8_t head[DSF_HEAD] = {0};

	if (channels == 0 || start > input->size)
		return 0;
	input_narrow(&part, start, part.size - start);
	if (input_read(&part, 0, head, DSF_HEAD) == DSF_HEAD &&
	    memcmp(head, "DSD ", 4) == 0)
		return samples_of_dsf(head, part.size, channels);
	if (memcmp(head, "FRM8", 4) != 0 ||
	    chunks_find_samples(&part, &samples) != 0)
		return 0;
	return samples.size / channels;
}
