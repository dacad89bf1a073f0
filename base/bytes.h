/* Numbers in the bytes of a file, and strings that follow their length. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t bytes_big32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint32_t bytes_little32(const uint8_t *bytes)
{
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[1] << 8 | bytes[0];
}

/*
 * Takes a length, as `number` reads it, and that many bytes. NULL: not all of
 * them are there, and nothing is taken.
 */
static inline const uint8_t *bytes_take(const uint8_t **at, size_t *left,
					uint32_t (*number)(const uint8_t *),
					uint32_t *length)
{
	const uint8_t *bytes;
	uint32_t size;

	if (*left < 4)
		return NULL;
	size = number(*at);
	if (size > *left - 4)
		return NULL;
	bytes = *at + 4;
	*at = bytes + size;
	*left -= 4 + size;
	*length = size;
	return bytes;
}

#endif
