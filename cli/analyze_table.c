/*
 * See analyze_table.h. The columns of CSV and JSON lines are the same, and are
 * written down once: put_columns().
 */
#include "cli/analyze_table.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* Longer than any row: a path with all escapes, a reason and the numbers. */
enum { ROW_MAX = 65536 };

struct row {
	FILE *out;
	enum table_format format;
	bool names; /* only the names of the columns are written */
	bool first;
	struct json json;
};

static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* CSV keeps all bytes, but a terminal would obey them. */
static void put_csv(struct row *row, const char *text)
{
	if (!row->first)
		fputc(',', row->out);
	row->first = false;
	if (isatty(fileno(row->out)))
		utf8_print(row->out, text);
	else if (strpbrk(text, ",\"\r\n"))
		put_quoted(row->out, text);
	else
		fputs(text, row->out);
}

/* NULL: nothing. */
static void put_text(struct row *row, const char *name, const char *text)
{
	if (row->names)
		put_csv(row, name);
	else if (row->format == TABLE_CSV)
		put_csv(row, text ? text : "");
	else
		json_text(&row->json, name, text, SIDECAR_PATH_MAX,
			  JSON_KEEP_END);
}

static void put_path(struct row *row, const char *name, const char *path)
{
	if (row->format == TABLE_CSV)
		put_text(row, name, path);
	else
		json_path(&row->json, name, path);
}

/* NaN: nothing. */
static void put_number(struct row *row, const char *name, double value,
		       int decimals)
{
	char text[64] = "";

	if (row->format != TABLE_CSV) {
		json_number(&row->json, name, value, decimals);
		return;
	}
	if (isfinite(value))
		snprintf(text, sizeof(text), "%.*f", decimals, value);
	put_csv(row, row->names ? name : text);
}

/* Without measures all of their numbers are missing. */
#define OF(m, field) ((m) ? (double)(m)->field : (double)NAN)

static void put_source(struct row *row, const struct analyzed *a)
{
	const struct facts *facts = &a->facts;
	double rate = facts->rate ? facts->rate : (double)NAN;

	put_path(row, "path", a->path);
	put_text(row, "status",
		 sidecar_status(*a->failure ? NULL : &a->measures));
	put_text(row, "reason", *a->failure ? a->failure : NULL);
	put_text(row, "codec", *facts->codec ? facts->codec : NULL);
	put_number(row, "sample_rate", rate, 0);
	put_number(row, "channels",
		   facts->channels ? facts->channels : (double)NAN, 0);
	put_number(row, "duration_s", (double)facts->samples / rate, 3);
	put_text(row, "genre", *facts->genre ? facts->genre : NULL);
}

static void put_loudness(struct row *row, const struct measures *m)
{
	put_number(row, "integrated_lufs", OF(m, integrated), 2);
	put_number(row, "range_lu", OF(m, range), 2);
	put_number(row, "true_peak_dbtp", OF(m, true_peak), 2);
	put_number(row, "sample_peak_dbfs", OF(m, sample_peak), 2);
	put_number(row, "short_term_max", OF(m, short_term_max), 2);
	put_number(row, "momentary_max", OF(m, momentary_max), 2);
	put_number(row, "replaygain_db",
		   m ? sidecar_replaygain(m->integrated) : (double)NAN, 2);
}

static void put_music(struct row *row, const struct measures *m)
{
	bool beats = m && m->bpm > 0;

	put_number(row, "bpm", beats ? m->bpm : (double)NAN, 2);
	put_number(row, "bpm_confidence", OF(m, bpm_confidence), 3);
	put_text(row, "key", sidecar_tonic(m));
	put_text(row, "mode", sidecar_mode(m));
	put_number(row, "key_confidence", OF(m, key_confidence), 3);
}

static void put_columns(struct row *row, const struct analyzed *a)
{
	const struct measures *m = *a->failure ? NULL : &a->measures;

	put_source(row, a);
	put_loudness(row, m);
	put_music(row, m);
	for (unsigned i = 0; i < DIMENSIONS; i++)
		put_number(row, dimension_names[i], OF(m, dimensions[i]), 6);
}

static void put_path_line(FILE *out, const char *path)
{
	utf8_print(out, path);
	fputc('\n', out);
}

static void put_line(FILE *out, const struct analyzed *a)
{
	const struct measures *m = &a->measures;
	char key[16] = "-";

	if (*a->failure) {
		fprintf(out, "%-42s ", "failed");
		put_path_line(out, a->path);
		return;
	}
	if (sidecar_tonic(m))
		snprintf(key, sizeof(key), "%s%s", sidecar_tonic(m),
			 m->minor ? "m" : "");
	fprintf(out, "%7.2f %6.2f %7.2f %7.2f %7.2f %-3s ", m->integrated,
		m->range, m->true_peak, sidecar_replaygain(m->integrated),
		m->bpm, key);
	put_path_line(out, a->path);
}

void table_begin(FILE *out, enum table_format format)
{
	struct row row = {
		.out = out, .format = format, .names = true, .first = true};

	if (format == TABLE_TEXT)
		fprintf(out, "%7s %6s %7s %7s %7s %-3s %s\n", "LUFS", "LU",
			"dBTP", "gain", "BPM", "key", "path");
	if (format == TABLE_JSON)
		fputs("[\n", out);
	if (format != TABLE_CSV)
		return;
	put_columns(&row, &(struct analyzed){.path = ""});
	fputc('\n', out);
}

void table_row(FILE *out, enum table_format format, bool first,
	       const struct analyzed *analyzed)
{
	char line[ROW_MAX];
	struct row row = {.out = out, .format = format, .first = true};

	if (format == TABLE_TEXT) {
		put_line(out, analyzed);
	} else if (format == TABLE_CSV) {
		put_columns(&row, analyzed);
		fputc('\n', out);
	} else {
		json_begin_line(&row.json, line, sizeof(line));
		put_columns(&row, analyzed);
		json_end_line(&row.json);
		if (format == TABLE_JSON)
			fputc(first ? ' ' : ',', out);
		fputs(line, out);
	}
}

void table_end(FILE *out, enum table_format format)
{
	if (format == TABLE_JSON)
		fputs("]\n", out);
}
