/*
 * One number for each family of codecs, to be raised when its probing or
 * decoding is fixed. A file without a codec may be of any family, so its number
 * is the sum, which changes with each.
 */
#include "transcode/engine/probing.h"

#include <stddef.h>
#include <string.h>

static const struct codec_family {
	const char *codec; /* how its name in facts begins */
	uint32_t version;
} families[] = {
	{"alac", 4}, {"flac", 8}, {"pcm", 4}, {"", 12}, /* all others */
};

/* Raised for all: for what every row has, such as the size of the tag. */
enum { COMMON = 4 };

static uint32_t version_of_codec(const char *codec)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		const struct codec_family *family = &families[i];

		if (*codec &&
		    strncmp(codec, family->codec, strlen(family->codec)) == 0)
			return COMMON + family->version;
		sum += COMMON + family->version;
	}
	return sum;
}

uint32_t probing_version(const struct facts *facts, unsigned cover_max)
{
	bool scaled = cover_max > 0 && facts->picture_side > cover_max;

	return version_of_codec(facts->codec) | (scaled ? cover_max << 16 : 0);
}

bool probing_is_current(const struct facts *facts, unsigned cover_max)
{
	return facts->probed == probing_version(facts, cover_max);
}
