/*
 * Pictures that are kept as FLAC keeps them: in blocks of their own, or as
 * such a block in base64 among Vorbis comments.
 */
#include "transcode/worker/tags/pictures_private.h"

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <libavutil/base64.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Type, MIME type, description, four numbers that the picture itself knows. */
static int add_block(struct pictures *pictures, const uint8_t *block,
		     size_t size)
{
	const uint8_t *at = block + 4, *mime, *description, *bytes = NULL;
	uint32_t length, described = 0, count = 0;
	size_t left = size - 4;

	if (size < 4)
		return 0;
	mime = bytes_take(&at, &left, bytes_big32, &length);
	description =
		mime ? bytes_take(&at, &left, bytes_big32, &described) : NULL;
	if (description && left > 16) {
		at += 16;
		left -= 16;
		bytes = bytes_take(&at, &left, bytes_big32, &count);
	}
	if (!bytes)
		return 0; /* cut off */
	if (length == 3 && memcmp(mime, "-->", 3) == 0) {
		pictures_lose(pictures, "it is a link");
		return 0;
	}
	return pictures_add(pictures, bytes_big32(block),
			    (const char *)description, described, bytes, count);
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
	return block ? add_block(pictures, bytes, (size_t)n)
		     : pictures_add(pictures, PICTURE_FRONT, "", 0, bytes,
				    (size_t)n);
}

static int look_at_comment(void *pictures, const char *bytes, size_t length)
{
	auto_free char *comment = NULL;

	if (length < 9 || (*bytes | 0x20) < 'c' || (*bytes | 0x20) > 'm')
		return 0; /* cheaply: none of the names above */
	comment = strndup(bytes, length);
	return comment ? add_comment(pictures, comment)
		       : fail(-ENOMEM, "out of memory");
}

int pictures_add_header(void *pictures, enum header_kind kind,
			const uint8_t *bytes, size_t size)
{
	if (kind == HEADER_PICTURE)
		return add_block(pictures, bytes, size);
	return headers_walk_comments(bytes, size, look_at_comment, pictures);
}
