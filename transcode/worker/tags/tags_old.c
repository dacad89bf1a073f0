/*
 * Frames that version 3 knows pass unchanged, and also iTunes' and the sort
 * names, which all programs read there, too. Each of the others has a function.
 */
#include "transcode/worker/tags/tags_old.h"

#include "base/cleanup.h"
#include "transcode/worker/tags/tags.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_id(const struct tag_item *item, const char *id)
{
	return strcmp(item->id, id) == 0;
}

static void put_old_frame(struct tags *to, const char *id, const char *name,
			  const char *value)
{
	tags_add_frame(to, id, "", name, value, strlen(value));
}

/* How many items from the first one on are values of one frame. */
static size_t run_of(const struct tag_item *items, size_t left)
{
	size_t count = 1;

	while (count < left && tags_is_text(items->id) &&
	       !has_id(items, "USLT") && has_id(items, items[count].id) &&
	       strcmp(items->language, items[count].language) == 0 &&
	       strcmp(items->name, items[count].name) == 0)
		count++;
	return count;
}

/* On the heap; NULL: no memory. */
static char *join(const struct tag_item *items, size_t count,
		  const char *separator)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? separator : "", items[i].value);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* "2011-09-05T07:00" into TYER "2011", TDAT "0509", TIME "0700". */
static void put_date(struct tags *to, const struct tag_item *date)
{
	const char *text = date->value;
	size_t size = strlen(text);
	char part[5] = "";

	snprintf(part, sizeof(part), "%.4s", text);
	put_old_frame(to, "TYER", "", part);
	if (size > 4 && size < 10)
		put_old_frame(to, "TXXX", "DATE", text);
	if (size < 10)
		return;
	snprintf(part, sizeof(part), "%.2s%.2s", text + 8, text + 5);
	put_old_frame(to, "TDAT", "", part);
	if (size < 16)
		return;
	snprintf(part, sizeof(part), "%.2s%.2s", text + 11, text + 14);
	put_old_frame(to, "TIME", "", part);
}

static void put_original_date(struct tags *to, const struct tag_item *date)
{
	char year[5];

	snprintf(year, sizeof(year), "%.4s", date->value);
	put_old_frame(to, "TORY", "", year);
	if (strlen(date->value) > 4)
		put_old_frame(to, "TXXX", "ORIGINALDATE", date->value);
}

/* Pairs, which must not be joined into one text. */
static void put_people(struct tags *to, const struct tags *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct tag_item *item = &from->items[i];

		if (has_id(item, "TIPL") || has_id(item, "TMCL"))
			put_old_frame(to, "IPLS", "", item->value);
	}
}

static void put_artists(struct tags *to, const struct tags *from,
			const char *text)
{
	for (size_t i = 0; i < from->count; i++) {
		if (has_id(&from->items[i], "TXXX") &&
		    strcmp(from->items[i].name, "ARTISTS") == 0)
			return;
	}
	put_old_frame(to, "TXXX", "ARTISTS", text);
}

static void put_run(struct tags *to, const struct tags *from,
		    const struct tag_item *items, size_t count,
		    const char *separator)
{
	auto_free char *text = join(items, count, separator);

	if (!text) {
		to->error = -ENOMEM;
		return;
	}
	if (has_id(items, "TMOO"))
		put_old_frame(to, "TXXX", "mood", text);
	else
		tags_add_frame(to, items->id, items->language, items->name,
			       text, strlen(text));
	if (has_id(items, "TPE1") && count > 1)
		put_artists(to, from, text);
}

int tags_make_old(const struct tags *from, const char *separator,
		  struct tags *to)
{
	size_t count;

	to->pictures = from->pictures;
	memcpy(to->lost, from->lost, sizeof(to->lost));
	for (size_t i = 0; i < from->count; i += count) {
		const struct tag_item *items = &from->items[i];

		count = run_of(items, from->count - i);
		if (has_id(items, "TDRC"))
			put_date(to, items);
		else if (has_id(items, "TDOR"))
			put_original_date(to, items);
		else if (tags_is_text(items->id) && !has_id(items, "TIPL") &&
			 !has_id(items, "TMCL"))
			put_run(to, from, items, count, separator);
		else if (!has_id(items, "TIPL") && !has_id(items, "TMCL"))
			tags_add_frame(to, items->id, "", items->name,
				       items->value, items->size);
	}
	put_people(to, from);
	return to->error;
}
