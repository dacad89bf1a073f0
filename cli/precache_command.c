/* groovefs precache [-q QUALITY,...] [-j N] --library DIR PATH... */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "cli/ends.h"
#include "cli/options.h"
#include "cli/progress.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

struct precache {
	struct mount_options options;
	const char *library;
	const char *qualities;
	const char *cache; /* NULL: as configured */
	unsigned jobs;	   /* 0: as configured */
	bool watch;

	struct precaching *precaching;
	struct progress progress;
	size_t tracks[PRECACHE_FAILED + 1]; /* by what became of them */
	size_t missing;
	bool stopped;
};

static void print_help(void)
{
	puts("Usage: groovefs precache [-q QUALITY,...] [-j N] --library DIR "
	     "PATH...\n"
	     "\n"
	     "Fills the cache ahead of time with files, playlists (m3u, m3u8,\n"
	     "pls, xspf) and all audio below folders of a library, so that\n"
	     "readers of a mount find it there. Works beside mounts on the "
	     "same\n"
	     "cache, and yields to them. What is there already costs nothing, "
	     "so\n"
	     "that it goes on where it was after an interruption; files that "
	     "a\n"
	     "quality folder shows as they are need nothing.\n"
	     "\n"
	     "  -q, --quality QUALITY,...  which ones (medium)\n"
	     "  -j, --jobs N               so many tracks at once (all cores)\n"
	     "      --library DIR          the library; PATHs are in it\n"
	     "      --cache DIR            the cache (~/.cache/groovefs)\n"
	     "      --watch                go on with what appears in the "
	     "library\n"
	     "  -o KEY=VALUE,...           as for mount\n"
	     "  -h, --help                 this text\n"
	     "\n"
	     "The exit status is 0 when all is cached, 1 when something "
	     "failed\n"
	     "(each is named on stderr), 2 for arguments that make no sense.");
}

static int usage(const char *reason)
{
	log_error("%s; see 'groovefs precache --help'", reason);
	return EXIT_USAGE + 1;
}

static int take_jobs(struct precache *p, const char *text)
{
	char *end;
	unsigned long jobs = strtoul(text, &end, 10);

	if (*text < '1' || *text > '9' || *end || jobs > 256)
		return usage("-j should be 1 to 256");
	p->jobs = (unsigned)jobs;
	return 0;
}

static int take_option(struct precache *p, int c)
{
	switch (c) {
	case 'q':
		p->qualities = optarg;
		return 0;
	case 'j':
		return take_jobs(p, optarg);
	case 'l':
		p->library = optarg;
		return 0;
	case 'c':
		p->cache = optarg;
		return 0;
	case 'w':
		p->watch = true;
		return 0;
	case 'o':
		return options_add(&p->options, optarg) ? EXIT_REFUSED + 1 : 0;
	case 'h':
		print_help();
		return EXIT_DONE + 1;
	default:
		return usage("unknown argument");
	}
}

/* What only this command is told goes before all sources. */
static int load(struct precache *p)
{
	if (options_load(&p->options) != 0)
		return EXIT_USAGE + 1;
	if (p->jobs)
		p->options.fs.backend.workers = p->jobs;
	if (p->cache)
		p->options.fs.backend.cache = p->cache;
	return 0;
}

/* 0, or an exit status + 1 */
static int parse(struct precache *p, int argc, char **argv)
{
	static const struct option longs[] = {
		{"quality", required_argument, NULL, 'q'},
		{"jobs", required_argument, NULL, 'j'},
		{"library", required_argument, NULL, 'l'},
		{"cache", required_argument, NULL, 'c'},
		{"watch", no_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int status = 0;
	int c;

	opterr = 0;
	optind = 1;
	while (!status &&
	       (c = getopt_long(argc, argv, "hq:j:o:", longs, NULL)) != -1)
		status = take_option(p, c);
	if (!status && !p->library)
		status = usage("--library is needed");
	if (!status && optind == argc && !p->watch)
		status = usage("a file or a folder is needed");
	return status ? status : load(p);
}

static void hear_begun(void *arg, const char *path, const char *quality)
{
	(void)arg, (void)path, (void)quality; /* the bar shows what is done */
}

static void print_line(const struct precached *precached)
{
	static const char *const words[] = {
		[PRECACHE_CACHED] = "cached",
		[PRECACHE_THERE] = "there",
		[PRECACHE_PASSES] = "passes",
		[PRECACHE_FAILED] = "failed",
	};

	printf("%-6s %s %s\n", words[precached->status], precached->quality,
	       precached->path);
	fflush(stdout);
}

static void hear_done(void *arg, const struct precached *precached)
{
	struct precache *p = arg;

	p->tracks[precached->status]++;
	progress_step(&p->progress, precached->seconds, precached->bytes);
	if (!p->progress.shown)
		print_line(precached);
	if (precached->status == PRECACHE_FAILED)
		log_error("cannot cache '%s' (%s): %s", precached->path,
			  precached->quality, precached->reason);
}

static void hear_missing(void *arg, const char *path, const char *reason)
{
	struct precache *p = arg;

	p->missing++;
	log_error("cannot cache '%s': %s", path, reason);
}

static void summarise(const struct precache *p)
{
	uint64_t evicted = counter_get(COUNTER_entries_evicted);

	if (p->stopped && !p->watch)
		fprintf(stderr, "interrupted; call it again to go on\n");
	if (evicted > 0)
		fprintf(stderr,
			"the cache is too small for all of it: %llu entries "
			"had to go\n",
			(unsigned long long)evicted);
	fprintf(stderr,
		"%zu cached, %zu already there, %zu need no caching, %zu "
		"failed, %.1f MB in %.1f s (%.0f x real time)\n",
		p->tracks[PRECACHE_CACHED], p->tracks[PRECACHE_THERE],
		p->tracks[PRECACHE_PASSES],
		p->tracks[PRECACHE_FAILED] + p->missing,
		(double)p->progress.bytes / 1e6, progress_seconds(&p->progress),
		progress_speed(&p->progress));
}

/*
 * Paths from where the caller stands, if they exist; else they are taken to be
 * in the library.
 */
static int add(struct precache *p, const char *path)
{
	auto_free char *real = realpath(path, NULL);
	size_t count = 0;
	int err = precaching_add(p->precaching, real ? real : path, &count);

	progress_expect(&p->progress, count);
	return err;
}

static void stop(void *arg)
{
	struct precache *p = arg;

	precaching_stop(p->precaching);
}

/* A watching one goes on until it is stopped. */
static int wait_for_all(struct precache *p)
{
	struct ends ends;
	int err = ends_watch(&ends, stop, p);

	if (err)
		return err;
	precaching_wait(p->precaching);
	if (p->watch)
		pthread_join(ends.thread, NULL);
	p->stopped = p->watch ? true : ends_unwatch(&ends);
	return 0;
}

static int work(struct precache *p, char **paths)
{
	const struct precaching_reports reports = {hear_begun, hear_done,
						   hear_missing, p};
	int err = precaching_open(&p->options.fs, p->qualities, &reports,
				  &p->precaching);

	if (err)
		return err;
	progress_begin(&p->progress, "caching");
	if (p->watch)
		err = precaching_watch(p->precaching);
	for (; !err && *paths; paths++)
		err = add(p, *paths);
	if (!err)
		err = wait_for_all(p);
	progress_end(&p->progress);
	summarise(p);
	return err;
}

static int run(struct precache *p, char **paths)
{
	auto_free char *library = realpath(p->library, NULL);
	int err;

	if (!library) {
		log_error("cannot read the library '%s': %s", p->library,
			  strerror(errno));
		return EXIT_REFUSED;
	}
	p->options.fs.library = library;
	log_set_level(LOG_LEVEL_ERROR);
	ends_block();
	err = work(p, paths);
	precaching_destroy(p->precaching);
	if (err == -ENOMEM)
		log_error("cannot go on: %s", strerror(ENOMEM));
	return err || p->stopped || p->tracks[PRECACHE_FAILED] || p->missing
		       ? EXIT_REFUSED
		       : EXIT_DONE;
}

int precache_command(int argc, char **argv)
{
	struct precache p = {.qualities = "medium"};
	int status;

	if (options_init(&p.options) != 0)
		return EXIT_REFUSED;
	status = parse(&p, argc, argv);
	if (status)
		status--;
	else
		status = run(&p, argv + optind);
	options_release(&p.options);
	return status;
}
