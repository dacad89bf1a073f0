/*
 * One walk over the text's code points answers all three questions: does it
 * fit, how long is it, and write it.
 */
#include "transcode/worker/tags/text.h"

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* How many bytes a sequence has, by its first one; 1 if that begins none. */
static unsigned sequence_length(unsigned char first)
{
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	if (first >= 0xf0 && first < 0xf5)
		return 4;
	return 1;
}

static bool is_character(uint32_t point, unsigned length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	return point >= least[length] && point < 0x110000 &&
	       !(point >= 0xd800 && point < 0xe000);
}

/* RFC 3629. Moves past one code point; a wrong byte stands for itself. */
static uint32_t next_point(const unsigned char **text)
{
	const unsigned char *p = *text;
	unsigned length = sequence_length(*p);
	uint32_t point = length == 1 ? *p : *p & (0x7fu >> length);

	for (unsigned i = 1; i < length; i++) {
		if (!is_continuation(p[i]))
			length = 1;
		else
			point = point << 6 | (p[i] & 0x3fu);
	}
	if (length > 1 && !is_character(point, length))
		length = 1;
	*text += length;
	return length > 1 ? point : *p;
}

bool text_fits_latin1(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		if (next_point(&p) > 0xff)
			return false;
	}
	return true;
}

static unsigned utf8_length(uint32_t point)
{
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

size_t text_size(enum text_encoding encoding, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t size = encoding == TEXT_UTF16 ? 2 : 0;

	while (*p) {
		uint32_t point = next_point(&p);

		if (encoding == TEXT_LATIN1)
			size += 1;
		else if (encoding == TEXT_UTF8)
			size += utf8_length(point);
		else
			size += point > 0xffff ? 4 : 2;
	}
	return size;
}

static uint8_t *put_unit(uint8_t *to, uint32_t unit)
{
	to[0] = (uint8_t)unit;
	to[1] = (uint8_t)(unit >> 8);
	return to + 2;
}

static uint8_t *put_utf16(uint8_t *to, uint32_t point)
{
	if (point <= 0xffff)
		return put_unit(to, point);
	point -= 0x10000;
	to = put_unit(to, 0xd800 | point >> 10);
	return put_unit(to, 0xdc00 | (point & 0x3ff));
}

static uint8_t *put_utf8(uint8_t *to, uint32_t point)
{
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	unsigned length = utf8_length(point);

	for (unsigned i = length - 1; i > 0; i--) {
		to[i] = (uint8_t)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	to[0] = (uint8_t)(first[length] | point);
	return to + length;
}

void text_write(enum text_encoding encoding, const char *text, uint8_t *to)
{
	const unsigned char *p = (const unsigned char *)text;

	if (encoding == TEXT_UTF16)
		to = put_unit(to, 0xfeff);
	while (*p) {
		uint32_t point = next_point(&p);

		if (encoding == TEXT_LATIN1)
			*to++ = point > 0xff ? '?' : (uint8_t)point;
		else if (encoding == TEXT_UTF8)
			to = put_utf8(to, point);
		else
			to = put_utf16(to, point);
	}
}
