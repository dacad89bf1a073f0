/* groovefs cache ls [--json] */
#include "cli/cache_command.h"

#include "base/utf8.h"
#include "cli/cache_print.h"
#include "cli/commands.h"

#include <stdio.h>

static void put_entry_line(const struct inspect_entry *entry)
{
	char size[SIZE_TEXT], used[TIME_TEXT];

	printf("%8s %4u%% %-16s ", size_text(entry->bytes, size),
	       entry_percent(entry), time_text(entry->used_ns, used));
	printf("%-8s ", *entry->quality ? entry->quality : "?");
	if (*entry->quality)
		utf8_print(stdout, entry->path);
	else
		put_entry_name(stdout, entry);
	putchar('\n');
}

static void put_entry_row(struct rows *rows, const struct inspect_entry *entry)
{
	struct json *json = rows_begin(rows);

	json_entry(json, entry);
	json_whole(json, "bytes", entry->bytes);
	json_whole(json, "size", entry->size);
	json_whole(json, "there", entry->there);
	json_whole(json, "percent", entry_percent(entry));
	json_whole(json, "segments", entry->count);
	json_whole(json, "segments_there", entry->present);
	json_time(json, "used", entry->used_ns / 1000000000);
	rows_end(rows);
}

int cache_ls(const struct cache_arguments *arguments,
	     struct inspection *inspection)
{
	struct rows rows;
	uint64_t bytes = 0;
	struct json *json;

	rows_open(&rows, arguments->format, "entries");
	if (arguments->format == FORMAT_TEXT)
		printf("%8s %5s %-16s %-8s %s\n", "size", "cached", "last use",
		       "quality", "path");
	for (size_t i = 0; i < inspection->count; i++) {
		bytes += inspection->items[i].bytes;
		if (arguments->format != FORMAT_TEXT)
			put_entry_row(&rows, &inspection->items[i]);
		else
			put_entry_line(&inspection->items[i]);
	}
	json = rows_summary(&rows);
	json_whole(json, "entries", inspection->count);
	json_whole(json, "bytes", bytes);
	rows_close(&rows);
	return EXIT_DONE;
}
