/*
 *   HEAD bytes    {"version":2,...,"data":[
 *   ENTRY each     -128, 127, ...               a separator and four characters
 *   TAIL bytes    ]}
 *
 * JSON allows blanks before a number. A byte's place says what it is, so any
 * range can be made by itself. Format: bbc/audiowaveform, doc/DataFormat.md.
 */
#include "analysis/peaks.h"
#include "analysis/sidecars/sidecar.h"

#include <stdio.h>
#include <string.h>

#define HEAD_FORMAT                                                            \
	"{\"version\":2,\"channels\":1,\"sample_rate\":%10u,"                  \
	"\"samples_per_pixel\":256,\"bits\":8,\"length\":%10u,\"data\":["

enum {
	ENTRY = 5,
	HEAD = sizeof(HEAD_FORMAT) - 1 + 2 * (10 - (sizeof("%10u") - 1)),
	TAIL = 3,
};

static const char tail[TAIL] = "]}\n";

static uint64_t entries_of(uint64_t samples)
{
	return 2 * peaks_pixels(samples);
}

uint64_t sidecar_peaks_json_size(uint64_t samples)
{
	return HEAD + ENTRY * entries_of(samples) + TAIL;
}

void sidecar_peaks_json_needs(uint64_t samples, uint64_t offset, size_t size,
			      uint64_t *begin, uint64_t *end)
{
	uint64_t entries = entries_of(samples);
	uint64_t from = offset > HEAD ? (offset - HEAD) / ENTRY : 0;
	uint64_t to = offset + size > HEAD
			      ? (offset + size - HEAD + ENTRY - 1) / ENTRY
			      : 0;

	from = from < entries ? from : entries;
	to = to < entries ? to : entries;
	*begin = PEAKS_HEAD + from;
	*end = PEAKS_HEAD + (to > from ? to : from);
}

/* Copies the part of [place, place + length) that lies within the range. */
struct range {
	uint64_t offset;
	uint64_t end;
	char *to;
};

static void give(const struct range *range, uint64_t place, const char *text,
		 size_t length)
{
	uint64_t from = place > range->offset ? place : range->offset;
	uint64_t to = place + length < range->end ? place + length : range->end;

	if (from < to)
		memcpy(range->to + (from - range->offset),
		       text + (from - place), to - from);
}

/* By hand: printf takes longer than the reading of the file. */
static void give_entry(const struct range *range, uint64_t entry, uint8_t byte)
{
	int value = (int8_t)byte;
	unsigned left = (unsigned)(value < 0 ? -value : value);
	char text[ENTRY] = {entry > 0 ? ',' : ' ', ' ', ' ', ' ', ' '};
	int i = ENTRY;

	do
		text[--i] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		text[--i] = '-';
	give(range, HEAD + ENTRY * entry, text, ENTRY);
}

size_t sidecar_peaks_json(uint32_t rate, uint64_t samples, uint64_t offset,
			  size_t size, const uint8_t *dat, char *to)
{
	uint64_t whole = sidecar_peaks_json_size(samples);
	struct range range = {offset, whole, to};
	uint64_t begin, end;
	char head[HEAD + 1];

	if (offset >= whole)
		return 0;
	if (size < whole - offset)
		range.end = offset + size;
	snprintf(head, sizeof(head), HEAD_FORMAT, rate,
		 (unsigned)peaks_pixels(samples));
	give(&range, 0, head, HEAD);
	sidecar_peaks_json_needs(samples, offset, range.end - offset, &begin,
				 &end);
	for (uint64_t i = begin; i < end; i++)
		give_entry(&range, i - PEAKS_HEAD, dat[i - begin]);
	give(&range, whole - TAIL, tail, TAIL);
	return range.end - offset;
}
