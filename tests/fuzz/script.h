/*
 * Input as a script: bytes are taken one after the other, and packets are those
 * of an honest peer with some of their bytes changed. Past the end all is 0.
 */
#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script {
	const uint8_t *bytes;
	size_t left;
};

static inline uint8_t script_byte(struct script *script)
{
	if (script->left == 0)
		return 0;
	script->left--;
	return *script->bytes++;
}

static inline uint32_t script_number(struct script *script, unsigned bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | script_byte(script);
	return number;
}

/* Changes none or some of its bytes, and says whether it was any. */
static inline bool script_change(struct script *script, void *packet,
				 size_t size)
{
	uint8_t *bytes = packet;
	unsigned changes = script_byte(script) % 8;

	for (unsigned i = 0; i < changes; i++) {
		size_t at = script_number(script, 2) % size;
		unsigned width = 1u << script_byte(script) % 4;

		for (; width > 0 && at < size; width--)
			bytes[at++] = script_byte(script);
	}
	return changes > 0;
}

#endif
