/*
 * Pictures that are kept as FLAC keeps them: in blocks of their own, or as
 * such a block in base64 among Vorbis comments.
 */
#include "transcode/worker/pictures_inner.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <libavutil/base64.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { COMMENTS = 4, PICTURE = 6, BLOCKS_MAX = 1024 };

static uint32_t big32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

/* Takes a length and as many bytes; NULL: they are not all there. */
static const uint8_t *take(const uint8_t **at, size_t *left, bool big,
			   uint32_t *length)
{
	const uint8_t *bytes;

	if (*left < 4)
		return NULL;
	*length = big ? big32(*at) : little32(*at);
	if (*length > *left - 4)
		return NULL;
	bytes = *at + 4;
	*at = bytes + *length;
	*left -= 4 + *length;
	return bytes;
}

/* Type, MIME type, description, four numbers that the picture itself knows. */
int pictures_add_block(struct pictures *pictures, const uint8_t *block,
		       size_t size)
{
	const uint8_t *at = block + 4, *mime, *description, *bytes = NULL;
	uint32_t length, described = 0, count = 0;
	size_t left = size - 4;

	if (size < 4)
		return 0;
	mime = take(&at, &left, true, &length);
	description = mime ? take(&at, &left, true, &described) : NULL;
	if (description && left > 16) {
		at += 16;
		left -= 16;
		bytes = take(&at, &left, true, &count);
	}
	if (!bytes || (length == 3 && memcmp(mime, "-->", 3) == 0))
		return 0; /* cut off, or the address of a picture */
	return pictures_add(pictures, big32(block), (const char *)description,
			    described, bytes, count);
}

/* The value of a comment with this name, or NULL. */
static const char *value_of(const char *comment, const char *name)
{
	size_t length = strlen(name);

	return strncasecmp(comment, name, length) == 0 && comment[length] == '='
		       ? comment + length + 1
		       : NULL;
}

static int add_comment(struct pictures *pictures, const char *comment)
{
	const char *block = value_of(comment, "METADATA_BLOCK_PICTURE");
	const char *old = value_of(comment, "COVERART");
	const char *text = block ? block : old;
	auto_free uint8_t *bytes = NULL;
	size_t room;
	int n;

	if (!text)
		return 0;
	room = strlen(text) / 4 * 3 + 3;
	bytes = malloc(room);
	if (!bytes)
		return fail(-ENOMEM, "out of memory");
	n = av_base64_decode(bytes, text, (int)room);
	if (n <= 0)
		return 0;
	return block ? pictures_add_block(pictures, bytes, (size_t)n)
		     : pictures_add(pictures, PICTURE_FRONT, "", 0, bytes,
				    (size_t)n);
}

int pictures_add_comments(struct pictures *pictures, const uint8_t *comments,
			  size_t size)
{
	const uint8_t *at = comments;
	uint32_t length, count;
	int error = 0;

	if (!take(&at, &size, false, &length) || size < 4)
		return 0;
	count = little32(at);
	at += 4;
	size -= 4;
	for (uint32_t i = 0; !error && i < count; i++) {
		const char *bytes =
			(const char *)take(&at, &size, false, &length);
		auto_free char *comment = NULL;

		if (!bytes)
			break;
		if (length < 9 || (*bytes | 0x20) < 'c' ||
		    (*bytes | 0x20) > 'm')
			continue; /* cheaply: none of the names above */
		comment = strndup(bytes, length);
		error = comment ? add_comment(pictures, comment)
				: fail(-ENOMEM, "out of memory");
	}
	return error;
}

static int add_of_kind(struct input *input, uint64_t at, unsigned kind,
		       size_t size, struct pictures *pictures)
{
	auto_free uint8_t *block = malloc(size + 1);
	ssize_t n;

	if (!block)
		return fail(-ENOMEM, "out of memory");
	n = input_read(input, at, block, size);
	if (n < 0)
		return (int)n;
	return kind == PICTURE
		       ? pictures_add_block(pictures, block, (size_t)n)
		       : pictures_add_comments(pictures, block, (size_t)n);
}

int pictures_of_flac(struct input *input, uint64_t start,
		     struct pictures *pictures)
{
	uint64_t at = start + 4;
	uint8_t head[4] = {0};
	int error = 0;

	for (int i = 0; !error && i < BLOCKS_MAX && !(head[0] & 0x80); i++) {
		size_t size;

		if (input_read(input, at, head, sizeof(head)) != sizeof(head))
			break;
		size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		if ((head[0] & 0x7f) == PICTURE || (head[0] & 0x7f) == COMMENTS)
			error = add_of_kind(input, at + 4, head[0] & 0x7f, size,
					    pictures);
		at += 4 + size;
	}
	return error;
}
