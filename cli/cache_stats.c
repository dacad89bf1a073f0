/*
 * groovefs cache stats [--json]
 *
 * Limits belong to a mount, which may not exist, so they are not printed.
 */
#include "cli/cache_command.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cache_print.h"
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct quality {
	const char *name; /* "": unknown */
	size_t entries;
	uint64_t bytes;
};

struct stats {
	size_t entries;
	uint64_t bytes;
	size_t whole;
	size_t partial;
	size_t useless; /* without a map */
	size_t strays;
	int64_t oldest_ns;
	int64_t youngest_ns;
	bool facts_known;
	uint64_t facts;
	struct quality *qualities; /* by name */
	size_t quality_count;
};

static void add_entry(struct stats *s, const struct inspect_entry *entry)
{
	if (s->entries == 0 || entry->used_ns < s->oldest_ns)
		s->oldest_ns = entry->used_ns;
	if (s->entries == 0 || entry->used_ns > s->youngest_ns)
		s->youngest_ns = entry->used_ns;
	s->entries++;
	s->bytes += entry->bytes;
	if (!entry->mapped)
		s->useless++;
	else if (entry_is_whole(entry))
		s->whole++;
	else
		s->partial++;
}

static int stats_by_name(const void *a, const void *b)
{
	return strcmp(((const struct quality *)a)->name,
		      ((const struct quality *)b)->name);
}

/* One row per entry, sorted, then one per quality. */
static int add_qualities(struct stats *s, const struct inspection *in)
{
	struct quality *list = calloc(in->count + 1, sizeof(*list));
	size_t count = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < in->count; i++)
		list[i] = (struct quality){in->items[i].quality, 1,
					   in->items[i].bytes};
	qsort(list, in->count, sizeof(*list), stats_by_name);
	for (size_t i = 0; i < in->count; i++) {
		if (count > 0 &&
		    stats_by_name(&list[count - 1], &list[i]) == 0) {
			list[count - 1].entries++;
			list[count - 1].bytes += list[i].bytes;
		} else {
			list[count++] = list[i];
		}
	}
	s->qualities = list;
	s->quality_count = count;
	return 0;
}

static void put_stats_text(const struct stats *s, const char *directory)
{
	char size[SIZE_TEXT], from[TIME_TEXT], to[TIME_TEXT];

	printf("cache      ");
	utf8_print(stdout, directory);
	printf("\nentries    %zu: %zu whole, %zu partial", s->entries, s->whole,
	       s->partial);
	if (s->useless + s->strays > 0)
		printf(", %zu of no use (see 'groovefs cache verify')",
		       s->useless + s->strays);
	printf("\non disk    %s\n", size_text(s->bytes, size));
	if (s->entries > 0)
		printf("last used  %s to %s\n", time_text(s->oldest_ns, from),
		       time_text(s->youngest_ns, to));
	if (s->facts_known)
		printf("known      %llu files\n", (unsigned long long)s->facts);
	for (size_t i = 0; i < s->quality_count; i++) {
		const struct quality *q = &s->qualities[i];

		printf("%-10s %zu entries, %s\n", *q->name ? q->name : "?",
		       q->entries, size_text(q->bytes, size));
	}
}

static void put_used(struct json *json, const char *name, bool any, int64_t ns)
{
	if (any)
		json_time(json, name, ns / 1000000000);
	else
		json_word(json, name, NULL);
}

static void put_json(const struct stats *s, enum format format,
		     const char *directory)
{
	struct rows rows;
	struct json *json;

	rows_open(&rows, format, "qualities");
	for (size_t i = 0; i < s->quality_count; i++) {
		const struct quality *q = &s->qualities[i];

		json = rows_begin(&rows);
		json_word(json, "quality", *q->name ? q->name : NULL);
		json_whole(json, "entries", q->entries);
		json_whole(json, "bytes", q->bytes);
		rows_end(&rows);
	}
	json = rows_summary(&rows);
	json_path(json, "cache", directory);
	json_whole(json, "entries", s->entries);
	json_whole(json, "bytes", s->bytes);
	json_whole(json, "whole", s->whole);
	json_whole(json, "partial", s->partial);
	json_whole(json, "useless", s->useless);
	json_whole(json, "strays", s->strays);
	put_used(json, "oldest_use", s->entries > 0, s->oldest_ns);
	put_used(json, "youngest_use", s->entries > 0, s->youngest_ns);
	if (s->facts_known)
		json_whole(json, "files_known", s->facts);
	else
		json_word(json, "files_known", NULL);
	rows_close(&rows);
}

int cache_stats(const struct cache_arguments *arguments,
		struct inspection *inspection)
{
	struct stats s = {.strays = inspection->stray_count};

	for (size_t i = 0; i < inspection->count; i++)
		add_entry(&s, &inspection->items[i]);
	if (add_qualities(&s, inspection) < 0) {
		log_error("cannot continue: %s", strerror(ENOMEM));
		return EXIT_REFUSED;
	}
	s.facts_known = facts_count(arguments->directory, &s.facts) == 0;
	if (arguments->format != FORMAT_TEXT)
		put_json(&s, arguments->format, arguments->directory);
	else
		put_stats_text(&s, arguments->directory);
	free(s.qualities);
	return EXIT_DONE;
}
