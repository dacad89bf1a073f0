/*
 * groovefs cache verify [--repair] [--json]
 *
 * Foreign files are reported, but even --repair leaves them alone: --cache may
 * have named the wrong folder by mistake.
 */
#include "cli/cache_command.h"

#include "base/log.h"
#include "base/utf8.h"
#include "cli/cache_print.h"
#include "cli/commands.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct verify {
	const struct cache_arguments *arguments;
	const struct inspection *inspection;
	struct rows rows;
	struct progress progress;
	struct inspect_check check;
	const struct inspect_entry *entry; /* being checked */
	size_t entries;
	size_t orphans; /* of all kinds */
	size_t removed;
	size_t unreadable;
};

/* What was done about a problem. */
static const char *outcome(const struct verify *v, bool mended,
			   const char *done)
{
	if (!v->arguments->repair)
		return "";
	return mended ? done : ", left alone";
}

/* JSON rows may go to the terminal on which progress is shown. */
static struct json *begin_problem(struct verify *v, const char *problem)
{
	struct json *json;

	progress_hide(&v->progress);
	json = rows_begin(&v->rows);
	json_word(json, "problem", problem);
	json_entry(json, v->entry);
	return json;
}

/* For people, behind what is printed already. */
static void end_problem(struct verify *v, const char *outcome)
{
	json_word(&v->rows.json, "outcome", outcome);
	rows_end(&v->rows);
	if (v->arguments->format == FORMAT_TEXT) {
		put_entry_name(stdout, v->entry);
		putchar('\n');
	}
	fflush(stdout);
	progress_show(&v->progress);
}

static void on_bad(void *context, uint32_t segment, bool cleared)
{
	struct verify *v = context;
	struct json *json = begin_problem(v, "damaged segment");

	json_whole(json, "segment", segment);
	json_whole(json, "segments", v->entry->count);
	if (v->arguments->format == FORMAT_TEXT)
		printf("segment %u of %u is damaged%s: ", segment,
		       v->entry->count, outcome(v, cleared, ", cleared"));
	end_problem(v, cleared ? "cleared" : NULL);
}

static void tell_useless(struct verify *v, bool removed)
{
	v->orphans++;
	v->removed += removed;
	begin_problem(v, "payload without a map");
	if (v->arguments->format == FORMAT_TEXT)
		printf("payload without a usable map%s: ",
		       outcome(v, removed, ", removed"));
	end_problem(v, removed ? "removed" : NULL);
}

static void tell_unreadable(struct verify *v, int err)
{
	char key[KEY_TEXT_SIZE];

	key_text(&v->entry->key, key);
	log_error("cannot check entry %s: %s", key, strerror(-err));
	v->unreadable++;
}

static void verify_entry(struct verify *v)
{
	bool removed;
	int r = inspect_check(v->inspection, v->entry, v->arguments->repair,
			      on_bad, v, &v->check, &removed);

	if (r == -EBADMSG)
		tell_useless(v, removed);
	else if (r < 0 && r != -ENOENT)
		tell_unreadable(v, r);
	else
		v->entries++;
	progress_step(&v->progress, 0, 0);
}

static const char *const stray_texts[] = {
	[INSPECT_TEMPORARY] = "temporary file",
	[INSPECT_LONE_MAP] = "map without a payload",
	[INSPECT_FOREIGN] = "foreign file",
	[INSPECT_UNREADABLE] = "unreadable folder",
};

static void verify_stray(struct verify *v, const struct inspect_stray *stray)
{
	struct json *json = rows_begin(&v->rows);
	bool removed = v->arguments->repair &&
		       inspect_remove_stray(v->inspection, stray) == 0;

	if (stray->kind == INSPECT_UNREADABLE)
		v->unreadable++;
	else
		v->orphans++;
	v->removed += removed;
	json_word(json, "problem", stray_texts[stray->kind]);
	json_path(json, "name", stray->name);
	json_word(json, "outcome", removed ? "removed" : NULL);
	rows_end(&v->rows);
	if (v->arguments->format != FORMAT_TEXT)
		return;
	printf("%s%s: entries/", stray_texts[stray->kind],
	       outcome(v, removed, ", removed"));
	utf8_print(stdout, stray->name);
	putchar('\n');
}

static void summarize_verify(struct verify *v)
{
	struct json *json = rows_summary(&v->rows);
	char size[SIZE_TEXT];

	json_whole(json, "entries", v->entries);
	json_whole(json, "segments", v->check.checked);
	json_whole(json, "bytes", v->check.bytes);
	json_whole(json, "damaged", v->check.bad);
	json_whole(json, "cleared", v->check.cleared);
	json_whole(json, "orphans", v->orphans);
	json_whole(json, "removed", v->removed);
	json_whole(json, "unreadable", v->unreadable);
	rows_close(&v->rows);
	if (v->arguments->format != FORMAT_TEXT)
		return;
	printf("%u segments of %zu entries checked, %s: %u damaged",
	       v->check.checked, v->entries, size_text(v->check.bytes, size),
	       v->check.bad);
	if (v->arguments->repair)
		printf(" (%u cleared)", v->check.cleared);
	printf(", %zu orphans", v->orphans);
	if (v->arguments->repair)
		printf(" (%zu removed)", v->removed);
	if (v->unreadable > 0)
		printf(", %zu unreadable", v->unreadable);
	putchar('\n');
}

int cache_verify(const struct cache_arguments *arguments,
		 struct inspection *inspection)
{
	struct verify v = {.arguments = arguments, .inspection = inspection};

	rows_open(&v.rows, arguments->format, "problems");
	progress_begin(&v.progress, "verifying", false);
	progress_expect(&v.progress, inspection->count);
	for (size_t i = 0; i < inspection->count; i++) {
		v.entry = &inspection->items[i];
		verify_entry(&v);
	}
	progress_end(&v.progress);
	for (size_t i = 0; i < inspection->stray_count; i++)
		verify_stray(&v, &inspection->strays[i]);
	summarize_verify(&v);
	return v.check.bad || v.orphans || v.unreadable ? EXIT_REFUSED
							: EXIT_DONE;
}
