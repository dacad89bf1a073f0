/* URIs (RFC 3986), as far as playlists hold them. */
#ifndef LIBRARY_URI_H
#define LIBRARY_URI_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes %20 and the like, in place. Anything else stays, and so does %00. */
static inline void uri_unescape(char *text)
{
	char *to = text;

	while (*text) {
		char digits[3] = "";
		char c = 0;

		if (*text == '%' && isxdigit((unsigned char)text[1]) &&
		    isxdigit((unsigned char)text[2])) {
			memcpy(digits, text + 1, 2);
			c = (char)strtoul(digits, NULL, 16);
		}
		*to++ = c ? c : *text;
		text += c ? 3 : 1;
	}
	*to = '\0';
}

/* A path as a relative reference, in characters that are safe in XML, too. */
static inline void uri_print(FILE *out, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("-._~/", c))
			fputc(c, out);
		else
			fprintf(out, "%%%02X", c);
	}
}

#endif
