/* See cache_print.h. */
#include "cli/cache_print.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *size_text(uint64_t bytes, char text[static SIZE_TEXT])
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes;
	int unit = -1;

	while (value >= 1023.95 && unit < 5) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(text, SIZE_TEXT, "%u", (unsigned)bytes);
	else
		snprintf(text, SIZE_TEXT, "%.1f%c", value, units[unit]);
	return text;
}

const char *time_text(int64_t ns, char text[static TIME_TEXT])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M", &tm) == 0)
		strcpy(text, "?");
	return text;
}

bool entry_is_whole(const struct inspect_entry *entry)
{
	return entry->mapped && entry->present == entry->count;
}

unsigned entry_percent(const struct inspect_entry *entry)
{
	double share = entry->size > 0
			       ? (double)entry->there / (double)entry->size
			       : 0;

	if (entry_is_whole(entry))
		return 100;
	return share < 0.99 ? (unsigned)(share * 100) : 99;
}

void put_entry_name(FILE *out, const struct inspect_entry *entry)
{
	char key[KEY_TEXT_SIZE];

	key_text(&entry->key, key);
	if (*entry->quality == '\0') {
		fprintf(out, "? %s", key);
		return;
	}
	fprintf(out, "%s ", entry->quality);
	utf8_print(out, entry->path);
}

void json_entry(struct json *json, const struct inspect_entry *entry)
{
	bool known = *entry->quality != '\0';
	char key[KEY_TEXT_SIZE];

	key_text(&entry->key, key);
	json_word(json, "key", key);
	json_word(json, "quality", known ? entry->quality : NULL);
	json_path(json, "path", known ? entry->path : NULL);
}
