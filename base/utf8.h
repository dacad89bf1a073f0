/* UTF-8 (RFC 3629), and which of it is safe on a terminal. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The length of the character that begins here, 0 if there is none: no overlong
 * forms, no surrogates, nothing above U+10FFFF.
 */
static inline size_t utf8_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t length = p[0] < 0x80   ? 1
			: p[0] < 0xc2 ? 0
			: p[0] < 0xe0 ? 2
			: p[0] < 0xf0 ? 3
			: p[0] < 0xf5 ? 4
				      : 0;

	for (size_t i = 1; i < length; i++) { /* a NUL ends it as well */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

/* C0, DEL and C1: terminals obey them. `length` is the character's. */
static inline bool utf8_is_control(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	return (length == 1 && (p[0] < ' ' || p[0] == 127)) ||
	       (length == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

/*
 * Prints a text from outside, such as a file's name. What a terminal would
 * obey, bytes that are not UTF-8, and backslashes appear as "\x1b". Every
 * backslash begins such an escape, so it can be undone.
 */
static inline void utf8_print(FILE *out, const char *text)
{
	while (*text) {
		size_t n = utf8_length(text);
		bool plain =
			n > 0 && !utf8_is_control(text, n) && *text != '\\';

		if (plain)
			fwrite(text, 1, n, out);
		else
			n = n ? n : 1;
		for (size_t i = 0; !plain && i < n; i++)
			fprintf(out, "\\x%02x", (unsigned char)text[i]);
		text += n;
	}
}

#endif
