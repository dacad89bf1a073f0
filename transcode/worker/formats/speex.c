/*
 * See speex.h. Encoder and decoder each look ahead, so the first samples are
 * not music. Granule positions leave out what the encoder adds, which so lies
 * before 0; how much the decoder adds is known of each mode. This is what
 * speexdec(1), the reference, does with both, also where all audio is on one
 * page: there it takes off nothing at the beginning.
 */
#include "transcode/worker/formats/speex.h"

#include "base/bytes.h"
#include "transcode/worker/formats/ogg.h"

/* A quarter of a frame; each band above 4 kHz doubles the rate. */
static uint32_t lookahead(const uint8_t *header, size_t size)
{
	enum { MODE = 40, WIDEST = 2, NARROW = 40 };
	uint32_t mode = size >= MODE + 4 ? bytes_little32(header + MODE) : 0;

	return NARROW << (mode < WIDEST ? mode : WIDEST);
}

struct speex_part speex_heard(struct input *input, uint64_t start,
			      const uint8_t *header, size_t size, int64_t stamp)
{
	enum { MOST = 1 << 16 };
	struct speex_part part = {0, UINT64_MAX};
	uint32_t ahead = lookahead(header, size);
	bool alone = false;
	int64_t end = ogg_end(input, start, &alone);

	if (alone || stamp < -MOST)
		stamp = 0;
	if (stamp < 0)
		part.from = (uint64_t)-stamp + ahead;
	if (end > stamp)
		part.to = (uint64_t)(end - stamp) + ahead;
	return part;
}
