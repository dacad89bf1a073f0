/*
 * Dates are read part by part, until one is missing or is not part of a date.
 */
#include "transcode/worker/tags/tag_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A number of `least` to `most` digits; moves past it. -1: there is none. */
static int read_number(const char **text, int least, int most)
{
	int number = 0, digits = 0;

	for (; isdigit((unsigned char)**text) && digits < most; (*text)++) {
		number = 10 * number + (**text - '0');
		digits++;
	}
	if (digits < least || isdigit((unsigned char)**text))
		return -1;
	return number;
}

/* "Z", "+02:00" */
static const char *skip_zone(const char *text)
{
	return text + strspn(text, "Zz+-:.0123456789 ");
}

int tag_date(const char *value, char date[TAG_DATE_MAX], const char **rest)
{
	static const struct {
		const char *before; /* any of these */
		char put;
		int least, most;
	} parts[] = {
		{"-/.", '-', 1, 12}, {"-/.", '-', 1, 31}, {"Tt ", 'T', 0, 23},
		{":", ':', 0, 59},   {":", ':', 0, 60},
	};
	const char *text = value + strspn(value, " ");
	int year = read_number(&text, 4, 4);
	char stamp[TAG_DATE_MAX];
	size_t size;

	if (year <= 0 || (*text && !strchr("-/.Tt ", *text)))
		return -EINVAL;
	size = (size_t)snprintf(stamp, sizeof(stamp), "%04d", year);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		int number;

		if (!*text || !strchr(parts[i].before, *text))
			break;
		text++;
		number = read_number(&text, 1, 2);
		if (number < parts[i].least || number > parts[i].most)
			break;
		size += (size_t)snprintf(stamp + size, sizeof(stamp) - size,
					 "%c%02d", parts[i].put, number);
	}
	memcpy(date, stamp, sizeof(stamp));
	*rest = skip_zone(text);
	return 0;
}

bool tag_is_url(const char *value)
{
	return strncasecmp(value, "http://", 7) == 0 ||
	       strncasecmp(value, "https://", 8) == 0 ||
	       strncasecmp(value, "www.", 4) == 0;
}

int tag_performer(const char *value, char **name, char **instrument)
{
	char *copy = strdup(value);
	size_t size;
	char *open;

	if (!copy)
		return -ENOMEM;
	size = strlen(copy);
	open = strrchr(copy, '(');
	*name = copy;
	*instrument = copy + size;
	if (open && open > copy && copy[size - 1] == ')') {
		copy[size - 1] = '\0';
		*instrument = open + 1;
		while (open > copy && open[-1] == ' ')
			open--;
		*open = '\0';
	}
	return 0;
}
