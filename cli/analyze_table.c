/*
 * See analyze_table.h. CSV and JSON lines have the same columns, which are
 * written down once: put_columns().
 */
#include "cli/analyze_table.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct row {
	struct json *json; /* NULL: CSV */
	bool names;	   /* writes only the names of the columns */
	bool first;
};

static void put_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

/* CSV keeps all bytes, but a terminal would obey some of them. */
static void put_csv(struct row *row, const char *text)
{
	if (!row->first)
		putchar(',');
	row->first = false;
	if (isatty(STDOUT_FILENO))
		utf8_print(stdout, text);
	else if (strpbrk(text, ",\"\r\n"))
		put_quoted(text);
	else
		fputs(text, stdout);
}

/* NULL: empty. */
static void put_text(struct row *row, const char *name, const char *text)
{
	if (row->json)
		json_text(row->json, name, text, SIDECAR_PATH_MAX,
			  JSON_KEEP_END);
	else
		put_csv(row, row->names ? name : text ? text : "");
}

static void put_path(struct row *row, const char *name, const char *path)
{
	if (row->json)
		json_path(row->json, name, path);
	else
		put_text(row, name, path);
}

/* NaN: empty. */
static void put_number(struct row *row, const char *name, double value,
		       int decimals)
{
	char text[64] = "";

	if (row->json) {
		json_number(row->json, name, value, decimals);
		return;
	}
	if (isfinite(value))
		snprintf(text, sizeof(text), "%.*f", decimals, value);
	put_csv(row, row->names ? name : text);
}

/* Without measures all of their columns are empty. */
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

static void put_line(const struct analyzed *a)
{
	const struct measures *m = &a->measures;
	char key[16] = "-";

	if (*a->failure) {
		printf("%-42s ", "failed");
	} else {
		if (sidecar_tonic(m))
			snprintf(key, sizeof(key), "%s%s", sidecar_tonic(m),
				 m->minor ? "m" : "");
		printf("%7.2f %6.2f %7.2f %7.2f %7.2f %-3s ", m->integrated,
		       m->range, m->true_peak,
		       sidecar_replaygain(m->integrated), m->bpm, key);
	}
	utf8_print(stdout, a->path);
	putchar('\n');
}

void table_begin(struct analyze_table *table, enum format format, bool csv)
{
	struct row names = {.names = true, .first = true};

	table->csv = csv;
	rows_open(&table->rows, format, NULL);
	if (csv) {
		put_columns(&names, &(struct analyzed){.path = ""});
		putchar('\n');
	} else if (format == FORMAT_TEXT) {
		printf("%7s %6s %7s %7s %7s %-3s %s\n", "LUFS", "LU", "dBTP",
		       "gain", "BPM", "key", "path");
	}
}

void table_row(struct analyze_table *table, const struct analyzed *analyzed)
{
	struct row row = {.first = true};

	if (table->csv) {
		put_columns(&row, analyzed);
		putchar('\n');
	} else if (table->rows.format == FORMAT_TEXT) {
		put_line(analyzed);
	} else {
		row.json = rows_begin(&table->rows);
		put_columns(&row, analyzed);
		rows_end(&table->rows);
	}
}

void table_end(struct analyze_table *table)
{
	rows_close(&table->rows);
}
