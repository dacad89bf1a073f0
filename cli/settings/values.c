/* See values.h. */
#include "cli/settings/values.h"

#include "base/cleanup.h"
#include "base/words.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	char letter;
	uint64_t factor;
};

static const struct unit bytes[] = {{'K', 1ull << 10},
				    {'M', 1ull << 20},
				    {'G', 1ull << 30},
				    {'T', 1ull << 40},
				    {0, 0}};

static const struct unit seconds[] = {
	{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};

static const struct unit none[] = {{0, 0}};

static int parse_scaled(const char *text, const struct unit *units,
			uint64_t *number)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || (*end && end[1]))
		return -EINVAL;
	while (*end && units->letter && (*end | 32) != (units->letter | 32))
		units++;
	if (*end && (!units->letter || value > UINT64_MAX / units->factor))
		return -EINVAL;
	*number = *end ? value * units->factor : value;
	return 0;
}

int value_size(const char *text, uint64_t *size)
{
	return parse_scaled(text, bytes, size);
}

int value_time(const char *text, uint64_t *time)
{
	return parse_scaled(text, seconds, time);
}

int value_number(const char *text, unsigned min, unsigned max, unsigned *number)
{
	uint64_t value;
	int err = parse_scaled(text, none, &value);

	if (err || value < min || value > max)
		return -EINVAL;
	*number = (unsigned)value;
	return 0;
}

int value_user(const char *text, int64_t *uid)
{
	const struct passwd *user;
	unsigned number;

	errno = 0;
	user = getpwnam(text);
	if (!user && errno == ENOMEM)
		return -ENOMEM;
	if (!user && value_number(text, 0, UINT32_MAX - 1, &number) != 0)
		return -EINVAL;
	*uid = user ? user->pw_uid : number;
	return 0;
}

int value_group(const char *text, int64_t *gid)
{
	const struct group *group;
	unsigned number;

	errno = 0;
	group = getgrnam(text);
	if (!group && errno == ENOMEM)
		return -ENOMEM;
	if (!group && value_number(text, 0, UINT32_MAX - 1, &number) != 0)
		return -EINVAL;
	*gid = group ? group->gr_gid : number;
	return 0;
}

int value_mask(const char *text, int *mask)
{
	size_t digits = strspn(text, "01234567");

	if (digits == 0 || text[digits] || digits > 4)
		return -EINVAL;
	if (strtol(text, NULL, 8) > 0777)
		return -EINVAL;
	*mask = (int)strtol(text, NULL, 8);
	return 0;
}

int value_word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	return -EINVAL;
}

int value_list(const char *text, bool (*good)(const char *word))
{
	auto_free char *copy = strdup(text);
	char *rest = copy;
	size_t count = 0;
	char *word;

	if (!copy)
		return -ENOMEM;
	while ((word = words_next(&rest))) {
		if (!good(word))
			return -EINVAL;
		count++;
	}
	return count > 0 ? 0 : -EINVAL;
}

bool value_fits_file(const char *text)
{
	size_t n = strlen(text);

	if (n > 160 || *text == ' ' || *text == ';' ||
	    (n > 0 && text[n - 1] == ' '))
		return false;
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127 ||
		    (*text == ' ' && text[1] == ';'))
			return false;
	}
	return true;
}
