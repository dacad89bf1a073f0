/* groovefs analyze [-j N] [--csv | --json | --jsonl] PATH... */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/analyze_table.h"
#include "cli/arguments.h"
#include "cli/end_signals.h"
#include "cli/place.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct analyze {
	struct mount_options options;
	enum format format;
	bool csv;
	struct analyze_table table;
	bool quiet;
	struct files files;
	struct progress progress;
	size_t known;
	size_t failed;
};

static const char usage[] =
	"Usage: groovefs analyze [-j N] [--csv | --json | --jsonl] PATH...\n"
	"\n"
	"Analyzes audio files, and all audio files in folders, and prints a\n"
	"line for each, in order. The results go into the cache that a\n"
	"mount's analysis/ uses, so no track is analyzed twice. No mount is\n"
	"needed.\n";

static const char notes[] =
	"\n"
	"After an interruption, run it again: it resumes. The exit status is\n"
	"0 on success, 1 if something failed (stderr says what), 2 if the\n"
	"arguments are invalid.";

static void on_result(void *arg, const struct analyzed *analyzed)
{
	struct analyze *a = arg;

	a->known += analyzed->known;
	a->failed += *analyzed->failure != '\0';
	progress_hide(&a->progress);
	table_row(&a->table, analyzed);
	if (a->progress.shown)
		fflush(stdout); /* stdout may be the same terminal */
	progress_show(&a->progress);
	if (*analyzed->failure && !analyzed->logged)
		log_error("cannot analyze '%s': %s", analyzed->path,
			  analyzed->failure);
}

static void on_step(void *arg, double seconds)
{
	struct analyze *a = arg;

	progress_step(&a->progress, seconds, 0);
}

static void summarize_analyze(const struct analyze *a, int err)
{
	size_t done = a->progress.done;

	if (err == -ECANCELED)
		fprintf(stderr, "interrupted; run it again to resume\n");
	fprintf(stderr,
		"%zu of %zu analyzed (%zu already known), %zu failed, in %.1f "
		"s "
		"(%.0f x real time)\n",
		done - a->failed, a->progress.total, a->known, a->failed,
		progress_seconds(&a->progress), progress_speed(&a->progress));
	if (a->files.left_out > 0)
		fprintf(stderr,
			"%zu links lead out of their folder and were skipped; "
			"-o follow_links=yes follows them\n",
			a->files.left_out);
}

static int analyze_files(struct analyze *a, struct backend *backend)
{
	const struct backend_options *options = &a->options.fs.core.backend;
	const struct analyzing_reports reports = {on_result, on_step, a};
	int err = backend_open(backend, options, NULL, NULL);

	if (!err)
		err = backend_start(backend, options, files_open, NULL);
	if (err)
		return err;
	table_begin(&a->table, a->format, a->csv);
	progress_begin(&a->progress, "analyzing",
		       a->quiet || rows_fill_terminal(a->format));
	progress_expect(&a->progress, a->files.count);
	/* one more than there are workers, so that none waits for its next
	   file */
	err = analyzing_run(backend, &a->files, options->workers + 1, &reports);
	progress_end(&a->progress);
	table_end(&a->table);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write the table: %s", strerror(errno));
		err = err ? err : -EIO;
	}
	if (!a->quiet)
		summarize_analyze(a, err);
	return err;
}

/* What a mount inside a folder shows is made from other files. */
static int collect(struct analyze *a, const char *name)
{
	auto_free char *source = NULL;
	int err = place_source(name, &source);

	if (err == -ENOMEM)
		return err;
	if (err)
		return files_refuse(&a->files, name, place_reason(err));
	return files_collect(&a->files, source,
			     a->options.fs.core.catalog.follow_links);
}

static int run_analyze(void *context, char **names)
{
	struct analyze *a = context;
	struct backend backend = {0};
	int err = 0;

	/* a worker's complaint about a file is part of the file's line */
	log_set_level(LOG_LEVEL_ERROR);
	end_signals_block();
	for (; !err && *names; names++)
		err = collect(a, *names);
	if (!err)
		err = analyze_files(a, &backend);
	backend_close(&backend);
	if (err == -ENOMEM)
		log_error("cannot continue: %s", strerror(ENOMEM));
	if (err == -ECANCELED)
		return EXIT_SIGNAL + end_signals_last();
	return err || a->failed ? EXIT_REFUSED : EXIT_DONE;
}

static int check_analyze(const struct arguments *arguments, int count,
			 char **names)
{
	const struct analyze *a = arguments->context;

	(void)names;
	if (count == 0)
		return arguments_refuse(arguments,
					"a file or a folder is needed");
	if (a->csv && a->format != FORMAT_TEXT)
		return arguments_refuse(arguments,
					"use either --csv, --json or --jsonl");
	return 0;
}

int analyze_command(int argc, char **argv)
{
	struct analyze a = {0};
	const struct argument own[] = {
		{"jobs", 'j', "N", "files at a time (one per core)",
		 .jobs = &a.options.workers},
		{"csv", 0, NULL, "all numbers, for a spreadsheet",
		 .flag = &a.csv},
		{"quiet", 0, NULL, "no progress, no summary", .flag = &a.quiet},
		{0},
	};
	const struct arguments arguments = {
		.command = "analyze",
		.usage = usage,
		.notes = notes,
		.own = own,
		.options = &a.options,
		.has_cache = true,
		.format = &a.format,
		.json = "all numbers, as one JSON array",
		.jsonl = "all numbers, one JSON object per line",
		.check = check_analyze,
		.run = run_analyze,
		.context = &a,
	};
	int status = arguments_run(&arguments, argc, argv);

	files_release(&a.files);
	return status;
}
