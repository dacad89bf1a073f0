/*
 * Keys. XXH3-128 is not cryptographic: whoever can write into the library can
 * make two tracks share an entry, so that one plays as the other.
 */
#define XXH_INLINE_ALL
#include "cache/key.h"

#include <string.h>
#include <xxhash.h>

struct key key_of(const struct key_part *parts, size_t count)
{
	XXH3_state_t state;
	XXH128_canonical_t canonical;
	struct key key;

	XXH3_128bits_reset(&state);
	for (size_t i = 0; i < count; i++) {
		uint64_t size = parts[i].size;

		XXH3_128bits_update(&state, &size, sizeof(size));
		if (size > 0)
			XXH3_128bits_update(&state, parts[i].data, size);
	}
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	memcpy(key.bytes, canonical.digest, sizeof(key.bytes));
	return key;
}

void key_text(const struct key *key, char text[static KEY_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(key->bytes); i++) {
		text[2 * i] = digits[key->bytes[i] >> 4];
		text[2 * i + 1] = digits[key->bytes[i] & 15];
	}
	text[KEY_TEXT_SIZE - 1] = '\0';
}
