/*
 * groovefs cache clear [-n] [--older-than TIME] [--quality Q,...] [PATH...]
 *
 * Removes an entry if all conditions hold. Without conditions everything is
 * removed, including temporary files and lone maps.
 */
#include "cli/cache_command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/cache_print.h"
#include "cli/commands.h"
#include "cli/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct clear {
	const struct cache_arguments *arguments;
	const struct inspection *inspection;
	struct rows rows;
	struct inspect_path *paths;
	bool *used; /* for each path: it matched something */
	size_t path_count;
	int64_t used_ns; /* what was used after this is kept */
	size_t cleared;	 /* or would be removed */
	uint64_t bytes;
	size_t strays; /* temporary files and lone maps removed */
	size_t in_use;
	size_t failed;
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strcspn(list, ",") == n && strncmp(list, word, n) == 0)
			return true;
	}
	return false;
}

static bool path_is_meant(struct clear *c, const struct inspect_entry *entry)
{
	bool meant = c->path_count == 0;

	for (size_t i = 0; i < c->path_count; i++) {
		if (inspect_path_means(&c->paths[i], entry))
			meant = c->used[i] = true;
	}
	return meant;
}

static bool is_meant(struct clear *c, const struct inspect_entry *entry)
{
	const char *qualities = c->arguments->qualities;

	return path_is_meant(c, entry) && entry->used_ns <= c->used_ns &&
	       (!qualities ||
		(*entry->quality && has_word(qualities, entry->quality)));
}

/* People only see what is unusual, or what they asked for. */
static void tell_cleared(struct clear *c, const struct inspect_entry *entry,
			 const char *status)
{
	struct json *json = rows_begin(&c->rows);

	json_word(json, "status", status);
	json_entry(json, entry);
	json_whole(json, "bytes", entry->bytes);
	rows_end(&c->rows);
	if (c->arguments->format != FORMAT_TEXT ||
	    strcmp(status, "cleared") == 0)
		return;
	printf("%s: ", status);
	put_entry_name(stdout, entry);
	putchar('\n');
}

static void clear_entry(struct clear *c, const struct inspect_entry *entry)
{
	bool dry_run = c->arguments->dry_run;
	uint64_t bytes = entry->bytes;
	char key[KEY_TEXT_SIZE];
	int r = dry_run ? inspect_is_idle(c->inspection, entry)
			: inspect_remove(c->inspection, entry, c->used_ns,
					 &bytes);

	if (r == -ENOENT)
		return; /* it was evicted meanwhile */
	if (r == 0) {
		c->cleared++;
		c->bytes += bytes;
		tell_cleared(c, entry,
			     dry_run ? "would be cleared" : "cleared");
	} else if (r == -EBUSY) {
		c->in_use++;
		tell_cleared(c, entry, "in use");
	} else {
		c->failed++;
		key_text(&entry->key, key);
		log_error("cannot clear entry %s: %s", key, strerror(-r));
	}
}

static bool clears_all(const struct cache_arguments *arguments)
{
	return !arguments->qualities && !arguments->aged &&
	       !arguments->paths[0];
}

static void clear_stray(struct clear *c, const struct inspect_stray *stray)
{
	bool dry_run = c->arguments->dry_run;
	struct json *json = rows_begin(&c->rows);

	if (stray->kind != INSPECT_TEMPORARY && stray->kind != INSPECT_LONE_MAP)
		return;
	if (!dry_run && inspect_remove_stray(c->inspection, stray) < 0)
		return;
	c->strays++;
	json_word(json, "status", dry_run ? "would be cleared" : "cleared");
	json_path(json, "name", stray->name);
	rows_end(&c->rows);
	if (!dry_run || c->arguments->format != FORMAT_TEXT)
		return;
	printf("would be cleared: entries/");
	utf8_print(stdout, stray->name);
	putchar('\n');
}

static void clear_strays(struct clear *c)
{
	for (size_t i = 0; i < c->inspection->stray_count; i++)
		clear_stray(c, &c->inspection->strays[i]);
}

static void summarize_clear(struct clear *c)
{
	struct json *json = rows_summary(&c->rows);
	bool dry_run = c->arguments->dry_run;
	char size[SIZE_TEXT];

	json_whole(json, "cleared", c->cleared);
	json_whole(json, "bytes", c->bytes);
	json_whole(json, "strays", c->strays);
	json_whole(json, "in_use", c->in_use);
	json_whole(json, "failed", c->failed);
	rows_close(&c->rows);
	if (c->arguments->format != FORMAT_TEXT)
		return;
	printf("%zu entries %s, %s", c->cleared,
	       dry_run ? "would be cleared" : "cleared",
	       size_text(c->bytes, size));
	if (c->in_use > 0)
		printf("; %zu in use, left alone", c->in_use);
	putchar('\n');
}

/*
 * A path that exists is looked up by its name in the library, wherever it was
 * typed.
 */
static int init_path(struct clear *c, const char *path)
{
	auto_free char *source = NULL;
	auto_free char *real = NULL;
	int err = place_source(path, &source);

	if (err) {
		log_error("cannot clear the entries of '%s': %s", path,
			  place_reason(err));
		return err;
	}
	real = realpath(source, NULL);
	return inspect_path_init(&c->paths[c->path_count], real ? real : path,
				 c->inspection);
}

static int init_paths(struct clear *c)
{
	char **paths = c->arguments->paths;
	size_t count = 0;
	int err = 0;

	while (paths[count])
		count++;
	c->paths = calloc(count + 1, sizeof(*c->paths));
	c->used = calloc(count + 1, sizeof(*c->used));
	if (!c->paths || !c->used)
		return -ENOMEM;
	while (!err && c->path_count < count) {
		err = init_path(c, paths[c->path_count]);
		c->path_count += !err;
	}
	return err;
}

static void release_paths(struct clear *c)
{
	for (size_t i = 0; i < c->path_count; i++)
		inspect_path_release(&c->paths[i]);
	free(c->paths);
	free(c->used);
}

static int64_t used_until(const struct cache_arguments *arguments)
{
	int64_t now = clock_wall_ns();

	if (!arguments->aged)
		return INT64_MAX;
	if (arguments->age > (uint64_t)now / CLOCK_SECOND_NS)
		return INT64_MIN;
	return now - (int64_t)arguments->age * CLOCK_SECOND_NS;
}

static bool has_quality(const struct inspection *inspection, const char *name)
{
	for (size_t i = 0; i < inspection->count; i++) {
		if (strcmp(inspection->items[i].quality, name) == 0)
			return true;
	}
	return false;
}

/* Reports words that matched nothing: they may be misspelled. */
static void tell_unused(const struct clear *c)
{
	const char *qualities = c->arguments->qualities;
	auto_free char *copy = qualities ? strdup(qualities) : NULL;
	char *rest = copy;
	char *name;

	for (size_t i = 0; i < c->path_count; i++) {
		if (!c->used[i])
			log_info("the cache has no entries of '%s'",
				 c->arguments->paths[i]);
	}
	while ((name = strsep(&rest, ","))) {
		if (!has_quality(c->inspection, name))
			log_info("the cache has no entries of quality '%s'",
				 name);
	}
}

static void clear_all(struct clear *c)
{
	const struct inspection *in = c->inspection;

	rows_open(&c->rows, c->arguments->format, "entries");
	for (size_t i = 0; i < in->count; i++) {
		if (is_meant(c, &in->items[i]))
			clear_entry(c, &in->items[i]);
	}
	if (clears_all(c->arguments))
		clear_strays(c);
	tell_unused(c);
	summarize_clear(c);
}

int cache_clear(const struct cache_arguments *arguments,
		struct inspection *inspection)
{
	struct clear c = {
		.arguments = arguments,
		.inspection = inspection,
		.used_ns = used_until(arguments),
	};
	int err = init_paths(&c);

	if (err == -ENOMEM)
		log_error("cannot continue: %s", strerror(-err));
	else if (!err)
		clear_all(&c);
	release_paths(&c);
	return err || c.failed ? EXIT_REFUSED : EXIT_DONE;
}
