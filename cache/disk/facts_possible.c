/* What can be true of a file. */
#include "cache/disk/facts.h"

/*
 * What decoders take (worker/source/source.h), some years of audio, and a tag
 * with 16 MiB of picture. More is implausible.
 */
enum { RATE_MAX = 6144000, CHANNELS_MAX = 32, BITS_MAX = 64 };
enum { TAG_MAX = 64 << 20 };
#define SAMPLES_MAX (UINT64_C(1) << 42)

bool facts_possible(const struct facts *facts)
{
	bool audio =
		facts->kind == FACTS_LOSSLESS || facts->kind == FACTS_LOSSY;

	return facts->kind >= FACTS_LOSSLESS && facts->kind <= FACTS_PICTURE &&
	       (!audio || (facts->rate > 0 && facts->channels > 0)) &&
	       facts->rate <= RATE_MAX && facts->channels <= CHANNELS_MAX &&
	       facts->bits <= BITS_MAX && facts->samples <= SAMPLES_MAX &&
	       facts->tag_size <= TAG_MAX;
}
