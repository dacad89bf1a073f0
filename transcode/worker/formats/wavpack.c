/*
 * Each block has a header of 32 bytes with its size, its position and its
 * number of samples. The first block's header promises the total; the last
 * block shows whether that is true.
 */
#include "transcode/worker/formats/wavpack.h"

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transcode/worker/formats/trailer.h"

#include <string.h>

enum { HEAD = 32, WINDOW = 256 << 10, HYBRID = 8 };

static bool is_block(const uint8_t *head)
{
	unsigned version = head[8] | (unsigned)head[9] << 8;

	return memcmp(head, "wvpk", 4) == 0 && version >= 0x402 &&
	       version <= 0x410;
}

static uint64_t place_of(const uint8_t *head)
{
	return (uint64_t)head[10] << 32 | bytes_little32(head + 16);
}

bool wavpack_is_hybrid(struct input *input, uint64_t start)
{
	uint8_t head[HEAD];

	return input_read(input, start, head, HEAD) == HEAD &&
	       (head[24] & HYBRID);
}

/* The block that ends with the last of these bytes. */
static const uint8_t *find_last(const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;

	while ((at = memmem(at, (size_t)(end - at), "wvpk", 4))) {
		if (end - at >= HEAD && is_block(at) &&
		    bytes_little32(at + 4) + 8 == (uint64_t)(end - at))
			return at;
		at += 4;
	}
	return NULL;
}

uint64_t wavpack_end(struct input *input, uint64_t start)
{
	uint64_t end = trailer_start(input, start);
	uint64_t at = end > start + WINDOW ? end - WINDOW : start;
	auto_free uint8_t *bytes = malloc(WINDOW);
	uint8_t first[HEAD];
	const uint8_t *last;
	ssize_t n;

	if (!bytes || input_read(input, start, first, HEAD) != HEAD ||
	    !is_block(first))
		return 0;
	n = input_read(input, at, bytes, (size_t)(end - at));
	last = n > 0 ? find_last(bytes, (size_t)n) : NULL;
	if (!last || place_of(last) < place_of(first))
		return 0;
	return place_of(last) - place_of(first) + bytes_little32(last + 20);
}
