/* The words of a list, as people write them. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <string.h>

/*
 * The next word of a list separated by ',' or ':', without surrounding blanks,
 * in place; skips empty ones. NULL: no more.
 */
static inline char *words_next(char **rest)
{
	char *word;

	while ((word = strsep(rest, ",:"))) {
		size_t n;

		word += strspn(word, " \t");
		n = strlen(word);
		while (n > 0 && strchr(" \t", word[n - 1]))
			word[--n] = '\0';
		if (n > 0)
			return word;
	}
	return NULL;
}

#endif
