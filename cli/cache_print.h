/* How the commands 'groovefs cache ...' write, for people and as JSON. */
#ifndef CLI_CACHE_PRINT_H
#define CLI_CACHE_PRINT_H

#include "cli/rows.h"
#include "fs/fs.h"

#include <stdio.h>

/* "999", "1.4K", "12.3G": in units of 1024 */
#define SIZE_TEXT 16
const char *size_text(uint64_t bytes, char text[static SIZE_TEXT]);

/* "2026-11-21 10:14", local time. */
#define TIME_TEXT 24
const char *time_text(int64_t ns, char text[static TIME_TEXT]);

/* What is there of an entry, 0 to 100; 100 only when it is whole. */
unsigned entry_percent(const struct inspect_entry *entry);
bool entry_is_whole(const struct inspect_entry *entry);

/* "QUALITY PATH", else the key. What terminals would obey is escaped. */
void put_entry_name(FILE *out, const struct inspect_entry *entry);

/* The members of an entry's row: key, quality, path. */
void json_entry(struct json *json, const struct inspect_entry *entry);

#endif
