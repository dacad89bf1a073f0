/*
 * How many bytes a folder's cover adds to a track's tag, known without
 * opening it: an APIC frame of ID3v2.3 around the file as it is.
 */
#ifndef TRANSCODE_COVER_H
#define TRANSCODE_COVER_H

#include <stdint.h>

/* Larger files are not taken as covers. */
#define COVER_MAX_SIZE (16u << 20)

/*
 * Frame header 10, text encoding 1, MIME type with its NUL, picture type 1,
 * description with its NUL. MIME type and description together are 12 bytes
 * for every format: "image/jpeg" with an empty description, "image/png" with
 * one of a single blank. (ID3v2.3.0, 3.3 and 4.15.)
 */
#define COVER_FRAME_OVERHEAD 24u

static inline uint32_t cover_tag_bytes(uint64_t size)
{
	if (size == 0 || size > COVER_MAX_SIZE)
		return 0;
	return COVER_FRAME_OVERHEAD + (uint32_t)size;
}

#endif
