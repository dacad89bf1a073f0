/*
 * One number a family of codecs, to be raised when the probing or the decoding
 * of one of them is mended. What had no codec may be any of them, so its number
 * is the sum: it changes with each.
 */
#include "transcode/probing.h"

#include <stddef.h>
#include <string.h>

static const struct family {
	const char *codec; /* how its name in facts begins */
	uint32_t version;
} families[] = {
	{"alac", 1}, {"flac", 1}, {"pcm", 1}, {"", 1}, /* all others */
};

/* Raised for all: what is in every row, as the size of the tag is. */
enum { COMMON = 0 };

uint32_t probing_version(const struct facts *facts)
{
	uint32_t sum = COMMON;

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		const struct family *family = &families[i];

		if (*facts->codec && strncmp(facts->codec, family->codec,
					     strlen(family->codec)) == 0)
			return COMMON + family->version;
		sum += family->version;
	}
	return sum;
}

bool probing_is_current(const struct facts *facts)
{
	return facts->probed == probing_version(facts);
}
