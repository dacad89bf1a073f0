/* Vorbis comments are the same in FLAC and in Ogg, so they are walked here. */
#include "transcode/worker/formats/headers.h"

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <errno.h>
#include <stdbool.h>

enum { BLOCKS_MAX = 1024 };

int headers_walk_comments(const uint8_t *bytes, size_t size,
			  header_comment_fn *fn, void *context)
{
	const uint8_t *at = bytes;
	uint32_t length, count;
	int error = 0;

	if (!bytes_take(&at, &size, bytes_little32, &length) || size < 4)
		return 0;
	count = bytes_little32(at);
	at += 4;
	size -= 4;
	for (uint32_t i = 0; !error && i < count; i++) {
		const uint8_t *comment =
			bytes_take(&at, &size, bytes_little32, &length);

		if (!comment)
			break;
		error = fn(context, (const char *)comment, length);
	}
	return error;
}

static int tell_flac_header(struct input *input, uint64_t at,
			    enum header_kind kind, size_t size, header_fn *fn,
			    void *context)
{
	auto_free uint8_t *block = malloc(size + 1);
	ssize_t n;

	if (!block)
		return fail(-ENOMEM, "out of memory");
	n = input_read(input, at, block, size);
	return n < 0 ? (int)n : fn(context, kind, block, (size_t)n);
}

int headers_of_flac(struct input *input, uint64_t start, unsigned kinds,
		    header_fn *fn, void *context)
{
	uint64_t at = start + 4;
	uint8_t head[4] = {0};
	int error = 0;

	for (int i = 0; !error && i < BLOCKS_MAX && !(head[0] & 0x80); i++) {
		unsigned type;
		size_t size;

		if (input_read(input, at, head, sizeof(head)) != sizeof(head))
			break;
		type = head[0] & 0x7f;
		size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		if (type < 32 && (kinds & 1u << type))
			error = tell_flac_header(input, at + 4,
						 (enum header_kind)(1u << type),
						 size, fn, context);
		at += 4 + size;
	}
	return error;
}
