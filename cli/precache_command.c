/* groovefs precache [-q QUALITY,...] [--mount MNT | --library DIR] PATH... */
#include "cli/precache_command.h"

#include "base/log.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/end_signals.h"

#include <stdlib.h>

static void print_precache_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs precache [-q QUALITY,...] [--mount MNT] PATH...\n"
	     "       groovefs precache [-q QUALITY,...] [-j N] --library DIR "
	     "PATH...\n"
	     "\n"
	     "Fills the cache in advance. A PATH is an audio file, a playlist\n"
	     "(m3u, m3u8, pls, xspf, cue) or a folder. The work is done by "
	     "the\n"
	     "mount that shows the library of the PATHs, at lower priority "
	     "than\n"
	     "anything being played. With --library no mount is needed; "
	     "mounts\n"
	     "that use the same cache take precedence.\n"
	     "\n"
	     "Tracks that are already cached are skipped: after an\n"
	     "interruption, run it again. Files that appear unchanged in the\n"
	     "quality folder need no caching.\n"
	     "\n"
	     "  -q, --quality QUALITY,...  qualities to cache (that of the\n"
	     "                             PATH's folder, else medium)\n"
	     "      --mount MNT            use this mount; PATHs may also be\n"
	     "                             in its library\n"
	     "      --library DIR          the PATHs' library; use no mount\n"
	     "      --cache DIR            the cache (~/.cache/groovefs)\n"
	     "  -j, --jobs N               tracks at a time (one per core)\n"
	     "      --watch                keep running and cache new tracks\n"
	     "                             as they appear\n"
	     "      --quiet                print errors only\n"
	     "      --json                 one JSON object: tracks, summary\n"
	     "      --jsonl                one JSON object per line: tracks,\n"
	     "                             then the summary\n"
	     "  -o SETTING=VALUE,...       as for mount\n"
	     "      --config FILE          as for mount\n"
	     "  -h, --help                 print this help\n"
	     "\n"
	     "The exit status is 0 if all tracks are cached, 1 if something\n"
	     "failed (stderr says what), 2 if the arguments are invalid.");
}

static const struct option longs[] = {
	{"quality", required_argument, NULL, 'q'},
	{"jobs", required_argument, NULL, 'j'},
	{"library", required_argument, NULL, 'l'},
	{"mount", required_argument, NULL, 'm'},
	{"cache", required_argument, NULL, 'c'},
	{"watch", no_argument, NULL, 'w'},
	{"quiet", no_argument, NULL, 'Q'},
	ARGUMENTS_JSON,
	ARGUMENTS_LONGS,
	{0},
};

static int take_precache_option(void *context, int letter)
{
	struct precache_command *p = context;

	switch (letter) {
	case 'q':
		return arguments_text(&p->arguments, &p->qualities,
				      "-q should be names of qualities");
	case 'j':
		return arguments_jobs(&p->arguments, &p->jobs);
	case 'l':
		return arguments_text(&p->arguments, &p->library,
				      "--library should be a folder");
	case 'm':
		return arguments_text(&p->arguments, &p->mount,
				      "--mount should be a mountpoint");
	case 'c':
		return arguments_text(&p->arguments, &p->cache,
				      "--cache should be a folder");
	case 'w':
		p->watch = true;
		return 0;
	case 'Q':
		p->quiet = true;
		return 0;
	default:
		return ARGUMENT_UNKNOWN;
	}
}

/* What only this command is told goes before all sources. */
static int load(struct precache_command *p)
{
	if (options_load(&p->options) != 0)
		return EXIT_USAGE + 1;
	if (p->jobs)
		p->options.fs.core.backend.workers = p->jobs;
	if (p->cache)
		p->options.fs.core.backend.cache = p->cache;
	return 0;
}

static const char *what_is_wrong(const struct precache_command *p,
				 bool has_paths)
{
	if (p->library && p->mount)
		return "either --library or --mount";
	if (!p->library && (p->watch || p->cache || p->jobs))
		return "--watch, --cache and -j go with --library: a mount has "
		       "its own";
	if (!p->library && (*p->options.words || p->options.config_file))
		return "-o and --config go with --library: a mount has its own";
	if (!has_paths && !p->watch)
		return "a file or a folder is needed";
	return NULL;
}

/* 0, or an exit status + 1 */
static int parse_precache(struct precache_command *p, int argc, char **argv)
{
	const char *wrong;
	int status;

	p->arguments = (struct arguments){
		.command = "precache",
		.letters = ARGUMENTS_LETTERS "q:j:",
		.longs = longs,
		.options = &p->options,
		.format = &p->format,
		.print_help = print_precache_help,
		.take = take_precache_option,
		.context = p,
	};
	status = arguments_take(&p->arguments, argc, argv);
	if (status)
		return status;
	wrong = what_is_wrong(p, optind < argc);
	return wrong ? arguments_refuse(&p->arguments, wrong) : load(p);
}

static void put_track_line(const struct outcome *outcome)
{
	printf("%-6s ", precache_word(outcome->status));
	utf8_print(stdout, outcome->quality);
	putchar(' ');
	utf8_print(stdout, outcome->path);
	putchar('\n');
}

static void put_track_row(struct rows *rows, const struct outcome *outcome)
{
	bool failed = outcome->status == PRECACHE_FAILED;
	struct json *json = rows_begin(rows);

	json_word(json, "status", precache_word(outcome->status));
	json_path(json, "quality", *outcome->quality ? outcome->quality : NULL);
	json_path(json, "path", outcome->path);
	json_path(json, "reason", failed ? outcome->reason : NULL);
	rows_end(rows);
}

void precache_tell(struct precache_command *p, const struct outcome *outcome)
{
	bool failed = outcome->status == PRECACHE_FAILED;

	progress_hide(&p->progress);
	if (p->format != FORMAT_TEXT)
		put_track_row(&p->rows, outcome);
	else if (*outcome->quality && !p->progress.shown && !p->quiet)
		put_track_line(outcome);
	fflush(stdout);
	progress_show(&p->progress);
	if (failed)
		log_error("cannot cache '%s': %s", outcome->path,
			  outcome->reason);
}

static void put_summary(struct precache_command *p)
{
	struct json *json = rows_summary(&p->rows);

	json_whole(json, "cached", p->tracks[PRECACHE_CACHED]);
	json_whole(json, "there", p->tracks[PRECACHE_THERE]);
	json_whole(json, "passes", p->tracks[PRECACHE_PASSES]);
	json_whole(json, "failed", p->tracks[PRECACHE_FAILED] + p->missing);
	json_whole(json, "bytes", p->progress.bytes);
	json_number(json, "audio_s", p->progress.audio, 3);
	json_whole(json, "evicted", p->evicted);
	rows_close(&p->rows);
}

static void summarize_precache(const struct precache_command *p)
{
	if (p->stopped && !p->watch)
		fprintf(stderr, "interrupted; run it again to resume\n");
	if (p->evicted > 0 || p->full)
		fprintf(stderr,
			"the cache is too small for all of it: %llu entries "
			"had to go\n",
			(unsigned long long)p->evicted);
	fprintf(stderr,
		"%zu cached, %zu already there, %zu need no caching, %zu "
		"failed, %.1f MB in %.1f s (%.0f x real time)\n",
		p->tracks[PRECACHE_CACHED], p->tracks[PRECACHE_THERE],
		p->tracks[PRECACHE_PASSES],
		p->tracks[PRECACHE_FAILED] + p->missing,
		(double)p->progress.bytes / 1e6, progress_seconds(&p->progress),
		progress_speed(&p->progress));
}

static int run_precache(struct precache_command *p, char **paths)
{
	int err;

	log_set_level(LOG_LEVEL_ERROR);
	end_signals_block();
	progress_begin(&p->progress, "caching",
		       p->quiet || rows_fill_terminal(p->format));
	rows_open(&p->rows, p->format, "tracks");
	err = p->library ? precache_alone(p, paths)
			 : precache_by_mount(p, paths);
	progress_end(&p->progress);
	put_summary(p);
	if (!err && !p->quiet)
		summarize_precache(p);
	if (!err && p->stopped && !p->watch)
		return EXIT_SIGNAL + end_signals_last();
	return err || p->tracks[PRECACHE_FAILED] || p->missing ? EXIT_REFUSED
							       : EXIT_DONE;
}

int precache_command(int argc, char **argv)
{
	struct precache_command p = {0};
	int status;

	if (options_init(&p.options) != 0)
		return EXIT_REFUSED;
	status = parse_precache(&p, argc, argv);
	if (status)
		status--;
	else
		status = run_precache(&p, argv + optind);
	options_release(&p.options);
	return status;
}
