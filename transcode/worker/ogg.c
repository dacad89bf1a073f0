/*
 * The last page tells: where the audio ends, and, by its stream being another
 * one than the first page's, that there are several. (A file with two streams
 * at once looks the same; nothing is lost but speed.)
 */
#include "transcode/worker/ogg.h"

#include "base/cleanup.h"

#include <libavutil/intreadwrite.h>
#include <string.h>

/* RFC 3533, 6: a page's header without its table of segments. */
enum { HEADER = 27, TAIL = 65536 + 512 }; /* the largest page, nearly */

static int64_t granule_of(const uint8_t *page)
{
	return (int64_t)AV_RL64(page + 6);
}

/* A page begins with "OggS" and has its stream at byte 14. */
static bool same_stream(const uint8_t *page, const uint8_t *other)
{
	return memcmp(page + 14, other + 14, 4) == 0;
}

/*
 * Finds the last page, or the last with a granule position, among the last
 * bytes of the file; copies its header.
 */
static bool find_last(struct input *input, bool with_granule, uint8_t *header)
{
	uint64_t at = input->size > TAIL ? input->size - TAIL : 0;
	auto_free uint8_t *tail = malloc(TAIL);
	ssize_t n = tail ? input_read(input, at, tail, TAIL) : 0;
	const uint8_t *page = tail;
	bool found = false;

	while (n >= HEADER &&
	       (page = memmem(page, (size_t)(tail + n - page), "OggS", 4))) {
		if (tail + n - page >= HEADER &&
		    (!with_granule || granule_of(page) != -1)) {
			memcpy(header, page, HEADER);
			found = true;
		}
		page += 4;
	}
	return found;
}

bool ogg_is_chained(struct input *input, uint64_t start)
{
	uint8_t first[HEADER], last[HEADER];

	return input_read(input, start, first, HEADER) == HEADER &&
	       find_last(input, false, last) && !same_stream(first, last);
}

/* Its length with all that it has; 0: there is no page. */
static uint64_t read_page(struct input *input, uint64_t at, uint8_t *header)
{
	uint8_t table[255];
	uint64_t size;

	if (input_read(input, at, header, HEADER) != HEADER ||
	    memcmp(header, "OggS", 4) != 0 ||
	    input_read(input, at + HEADER, table, header[26]) != header[26])
		return 0;
	size = HEADER + header[26];
	for (unsigned i = 0; i < header[26]; i++)
		size += table[i];
	return size;
}

/* Pages of headers have a granule position of 0, or none. */
static bool is_audio(const uint8_t *page)
{
	return granule_of(page) > 0;
}

int64_t ogg_end(struct input *input, uint64_t start, bool *alone)
{
	enum { MAX_PAGES = 4096, LAST = 4 };
	uint8_t page[HEADER] = {0}, last[HEADER];
	uint64_t size = 1;

	if (!find_last(input, true, last))
		return -1;
	for (int i = 0; size > 0 && !is_audio(page) && i < MAX_PAGES; i++) {
		size = read_page(input, start, page);
		start += size;
	}
	*alone = is_audio(page) && (page[5] & LAST);
	return granule_of(last);
}
