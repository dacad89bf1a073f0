/*
 * Keys: a 128-bit XXH3 over everything that determines the content. Feed the
 * parts in a fixed order; equal parts give an equal key on every machine with
 * the same byte order.
 */
#ifndef CACHE_KEY_H
#define CACHE_KEY_H

#include <stddef.h>
#include <stdint.h>

struct key {
	uint8_t bytes[16]; /* big-endian, as XXH128_canonical_t */
};

#define KEY_TEXT_SIZE 33

struct key_part {
	const void *data;
	size_t size; /* bytes */
};

/* Hashes each part with its length, so that no two lists are alike. */
struct key key_of(const struct key_part *parts, size_t count);

/* 32 hexadecimal digits and a NUL. */
void key_text(const struct key *key, char text[static KEY_TEXT_SIZE]);

#endif
