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

/* How much of an entry is cached, 0 to 100; 100 only if it is complete. */
unsigned entry_percent(const struct inspect_entry *entry);
bool entry_is_whole(const struct inspect_entry *entry);

/* "QUALITY PATH", otherwise the key. Escapes what terminals would obey. */
void put_entry_name(FILE *out, const struct inspect_entry *entry);

/* The members of an entry's row: key, quality, path. */
void json_entry(struct json *json, const struct inspect_entry *entry);

#endif
