/*
 * The last page tells where the audio ends, and, if its stream differs from the
 * first page's, that there are several. (A file with two streams at once looks
 * the same; this costs only speed.)
 */
#include "transcode/worker/formats/ogg.h"

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
 * Finds the last page, or the last with a granule position, in the last bytes
 * of the file; copies its header.
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

/* The length of the page with its content; 0: there is no page. */
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

static bool is_first(const uint8_t *page)
{
	enum { FIRST = 2 };

	return page[5] & FIRST;
}

static uint32_t number_of(const uint8_t *page)
{
	return AV_RL32(page + 18);
}

/* The first page behind `at`, unless it is far. */
static bool find_page(struct input *input, uint64_t at, uint8_t *header)
{
	enum { NEAR = 16384 };
	uint8_t bytes[NEAR];
	ssize_t n = input_read(input, at, bytes, NEAR);
	const uint8_t *page;

	if (n < HEADER)
		return false;
	page = memmem(bytes, (size_t)(n - HEADER + 4), "OggS", 4);
	if (page)
		memcpy(header, page, HEADER);
	return page != NULL;
}

/*
 * Streams with the same number, as when a file was appended to itself, show by
 * page numbers that do not grow, or by a beginning near the end.
 */
static bool begins_again(struct input *input, uint64_t start)
{
	enum { PLACES = 4 };
	uint64_t size = input->size - start;
	uint8_t before[HEADER], page[HEADER];

	if (size <= HEADER || !find_page(input, start, before))
		return false;
	for (int i = 1; i <= PLACES; i++) {
		if (!find_page(input, start + size / PLACES * i, page) &&
		    (i < PLACES || !find_last(input, false, page)))
			continue;
		if (!same_stream(page, before) ||
		    number_of(page) < number_of(before))
			return true;
		memcpy(before, page, HEADER);
	}
	return false;
}

/* Where the next page begins, even behind damage. */
static uint64_t resume(struct input *input, uint64_t at)
{
	enum { STEP = 65536 };
	auto_free uint8_t *bytes = malloc(STEP);
	ssize_t n;

	while (bytes && (n = input_read(input, at, bytes, STEP)) >= HEADER) {
		const uint8_t *page = memmem(bytes, (size_t)n, "OggS", 4);

		if (page)
			return at + (uint64_t)(page - bytes);
		at += (uint64_t)n - 3;
	}
	return input->size;
}

size_t ogg_links(struct input *input, uint64_t start, struct input_part *links,
		 size_t most)
{
	bool was_first = false;
	uint8_t page[HEADER];
	size_t n = 0;

	if (!ogg_is_chained(input, start) && !begins_again(input, start))
		return 1;
	while (start < input->size) {
		uint64_t size = read_page(input, start, page);

		if (size == 0) {
			start = resume(input, start + 1);
			continue;
		}
		if (is_first(page) && !was_first) {
			if (n == most)
				break;
			links[n++].start = start;
		}
		was_first = is_first(page);
		start += size;
		if (n > 0)
			links[n - 1].end = start;
	}
	return n;
}
