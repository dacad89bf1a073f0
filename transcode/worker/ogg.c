/*
 * The last page tells: its stream is another one than the first page's. (A
 * file with two streams at once looks the same; nothing is lost but speed.)
 */
#include "transcode/worker/ogg.h"

#include "base/cleanup.h"

#include <string.h>

/* RFC 3533, 6: a page begins with "OggS" and has its stream at byte 14. */
static bool same_stream(const uint8_t *page, const uint8_t *other)
{
	return memcmp(page + 14, other + 14, 4) == 0;
}

bool ogg_is_chained(struct input *input, uint64_t start)
{
	enum { TAIL = 65536 + 512 }; /* the largest page, nearly */
	uint64_t at = input->size > TAIL ? input->size - TAIL : 0;
	auto_free uint8_t *tail = malloc(TAIL);
	uint8_t first[18];
	const uint8_t *last = NULL, *page = tail;
	ssize_t n = tail ? input_read(input, at, tail, TAIL) : 0;

	if (n < 18 || input_read(input, start, first, 18) != 18)
		return false;
	while ((page = memmem(page, (size_t)(tail + n - page), "OggS", 4))) {
		if (tail + n - page >= 18)
			last = page;
		page += 4;
	}
	return last && !same_stream(first, last);
}
