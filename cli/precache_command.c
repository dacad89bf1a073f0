/* groovefs precache [-q QUALITY,...] [--mount MNT | --library DIR] PATH... */
#include "cli/precache_command.h"

#include "base/log.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/end_signals.h"

#include <stdlib.h>

static const char usage[] =
	"Usage: groovefs precache [-q QUALITY,...] [--mount MNT] PATH...\n"
	"       groovefs precache [-q QUALITY,...] [-j N] --library DIR "
	"PATH...\n"
	"\n"
	"Fills the cache in advance. A PATH is an audio file, a playlist\n"
	"(m3u, m3u8, pls, xspf, cue) or a folder. The work is done by the\n"
	"mount that shows the library of the PATHs, at lower priority than\n"
	"anything being played. With --library no mount is needed; mounts\n"
	"that use the same cache take precedence.\n"
	"\n"
	"Tracks that are already cached are skipped: after an\n"
	"interruption, run it again. Files that appear unchanged in the\n"
	"quality folder need no caching.\n";

static const char notes[] =
	"\n"
	"The exit status is 0 if all tracks are cached, 1 if something failed\n"
	"(stderr says what), 2 if the arguments are invalid.";

static const char *what_is_wrong(const struct precache_command *p,
				 bool has_paths)
{
	if (p->library && p->mount)
		return "use either --library or --mount";
	if (!p->library && (p->watch || p->options.cache || p->options.workers))
		return "--watch, --cache and -j need --library: a mount has "
		       "its own";
	if (!p->library && (*p->options.words || p->options.config_file))
		return "-o and --config need --library: a mount has its own";
	if (!has_paths && !p->watch)
		return "a file or a folder is needed";
	return NULL;
}

static int check_precache(const struct arguments *arguments, int count,
			  char **paths)
{
	const char *wrong = what_is_wrong(arguments->context, count > 0);

	(void)paths;
	return wrong ? arguments_refuse(arguments, wrong) : 0;
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
			"the cache is too small for all tracks: %llu entries "
			"were evicted; see cache_size=\n",
			(unsigned long long)p->evicted);
	fprintf(stderr,
		"%zu cached, %zu already cached, %zu need no caching, %zu "
		"failed, %.1f MB in %.1f s (%.0f x real time)\n",
		p->tracks[PRECACHE_CACHED], p->tracks[PRECACHE_THERE],
		p->tracks[PRECACHE_PASSES],
		p->tracks[PRECACHE_FAILED] + p->missing,
		(double)p->progress.bytes / 1e6, progress_seconds(&p->progress),
		progress_speed(&p->progress));
}

static int run_precache(void *context, char **paths)
{
	struct precache_command *p = context;
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
	const struct argument own[] = {
		{"quality", 'q', "QUALITY,...",
		 "qualities to cache (that of the PATH's folder, else medium)",
		 .value = &p.qualities,
		 .wrong = "-q should be names of qualities"},
		{"mount", 0, "MNT",
		 "use this mount; PATHs may also be in its library",
		 .value = &p.mount, .wrong = "--mount should be a mountpoint"},
		{"library", 0, "DIR", "the PATHs' library; use no mount",
		 .value = &p.library, .wrong = "--library should be a folder"},
		{"jobs", 'j', "N", "tracks at a time (one per core)",
		 .jobs = &p.options.workers},
		{"watch", 0, NULL,
		 "keep running and cache new tracks as they appear",
		 .flag = &p.watch},
		{"quiet", 0, NULL, "print errors only", .flag = &p.quiet},
		{0},
	};
	const struct arguments arguments = {
		.command = "precache",
		.usage = usage,
		.notes = notes,
		.own = own,
		.options = &p.options,
		.has_cache = true,
		.format = &p.format,
		.json = "one JSON object: tracks, summary",
		.jsonl = "one JSON object per line: tracks, then the summary",
		.check = check_precache,
		.run = run_precache,
		.context = &p,
	};

	return arguments_run(&arguments, argc, argv);
}
