/* groovefs cache stats | verify | clear | ls: which, and with what. */
#include "cli/cache_command.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/values.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct subcommand {
	const char *name;
	const char *letters; /* of its own options */
	bool takes_paths;
	int (*run)(const struct cache_arguments *arguments,
		   struct inspection *inspection);
	const char *help;
};

static const struct subcommand subcommands[] = {
	{
		.name = "stats",
		.letters = "",
		.run = cache_stats,
		.help = "Usage: groovefs cache stats [--json]\n"
			"\n"
			"Says what the cache holds: entries, bytes on disk, "
			"by\n"
			"quality, when it was used, and how many files are "
			"known.\n"
			"\n",
	},
	{
		.name = "verify",
		.letters = "r",
		.run = cache_verify,
		.help = "Usage: groovefs cache verify [--repair] [--json]\n"
			"\n"
			"Compares every segment to its checksum, and finds "
			"payloads\n"
			"without a map, maps without a payload, temporary "
			"files and\n"
			"foreign ones: a line for each. Exit status 1 when "
			"there are\n"
			"any, repaired or not.\n"
			"\n"
			"  -r, --repair             forget damaged segments, "
			"which are made\n"
			"                           again when they are read; "
			"remove orphans,\n"
			"                           but nothing foreign and "
			"nothing in use\n",
	},
	{
		.name = "clear",
		.letters = "ntq",
		.takes_paths = true,
		.run = cache_clear,
		.help = "Usage: groovefs cache clear [-n] [--older-than TIME] "
			"[--quality Q,...]\n"
			"                            [--json] [PATH...]\n"
			"\n"
			"Removes entries; without further arguments all, at "
			"once. What is\n"
			"open in a mount is said to be in use and left alone. "
			"A PATH is a\n"
			"file or a folder: as in the library, or absolute, of "
			"which the\n"
			"longest end counts that is a path in the cache.\n"
			"\n"
			"  -n, --dry-run            only say what would go\n"
			"  -t, --older-than TIME    not used for so long: 90s, "
			"15m, 12h, 30d\n"
			"  -q, --quality Q,...      of these: low, tag, "
			"analysis, ...\n",
	},
	{
		.name = "ls",
		.letters = "",
		.run = cache_ls,
		.help = "Usage: groovefs cache ls [--json]\n"
			"\n"
			"A line for each entry: bytes on disk, how much of it "
			"is there, its\n"
			"last use, quality, and the path of the source it was "
			"opened for last.\n"
			"\n",
	},
};

static void print_common_help(void)
{
	puts("      --cache DIR          the cache (~/.cache/groovefs)\n"
	     "  -o KEY=VALUE,...         as for mount, such as cache=DIR\n"
	     "      --json               one JSON object\n"
	     "  -h, --help               this text\n"
	     "\n"
	     "A mount may use the cache meanwhile. The exit status is 0 when\n"
	     "all is well, 1 when something is wrong, 2 for arguments that\n"
	     "make no sense.");
}

static void print_help(const struct subcommand *sub)
{
	if (sub) {
		fputs(sub->help, stdout);
	} else {
		puts("Usage: groovefs cache COMMAND ...\n"
		     "\n"
		     "  stats                            what it holds\n"
		     "  verify [--repair]                is it right?\n"
		     "  clear [-n] [--older-than TIME] [--quality Q,...] "
		     "[PATH...]\n"
		     "  ls                               its entries\n"
		     "\n"
		     "'groovefs cache COMMAND --help' tells more. For each:\n");
	}
	print_common_help();
}

static int usage(const struct subcommand *sub, const char *reason)
{
	log_error("%s; see 'groovefs cache%s%s --help'", reason, sub ? " " : "",
		  sub ? sub->name : "");
	return EXIT_USAGE + 1;
}

static int take_age(const struct subcommand *sub, struct cache_arguments *a)
{
	a->aged = true;
	if (value_time(optarg, &a->age) == 0)
		return 0;
	return usage(sub, "--older-than should be a time such as 30d");
}

static int take_option(const struct subcommand *sub, struct cache_arguments *a,
		       struct mount_options *options, int c)
{
	if (c != '?' && !strchr("cojh", c) && !strchr(sub->letters, c))
		c = '?';
	switch (c) {
	case 'c':
		a->cache = optarg;
		return *optarg ? 0 : usage(sub, "--cache should be a folder");
	case 'o':
		return options_add(options, optarg) ? EXIT_REFUSED + 1 : 0;
	case 'j':
		a->json = true;
		return 0;
	case 'h':
		print_help(sub);
		return EXIT_DONE + 1;
	case 'r':
		a->repair = true;
		return 0;
	case 'n':
		a->dry_run = true;
		return 0;
	case 't':
		return take_age(sub, a);
	case 'q':
		a->qualities = optarg;
		return *optarg ? 0 : usage(sub, "--quality should be a name");
	default:
		return usage(sub, "unknown argument");
	}
}

/* 0, or an exit status + 1 */
static int parse(const struct subcommand *sub, struct cache_arguments *a,
		 struct mount_options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{"cache", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{"repair", no_argument, NULL, 'r'},
		{"dry-run", no_argument, NULL, 'n'},
		{"older-than", required_argument, NULL, 't'},
		{"quality", required_argument, NULL, 'q'},
		{0},
	};
	int status = 0;
	int c;

	opterr = 0;
	optind = 1;
	while (!status &&
	       (c = getopt_long(argc, argv, "ho:rnt:q:", longs, NULL)) != -1)
		status = take_option(sub, a, options, c);
	if (!status && optind < argc && !sub->takes_paths)
		status = usage(sub, "too many arguments");
	a->paths = argv + optind;
	for (int i = optind; !status && i < argc; i++) {
		if (*argv[i] == '\0')
			status = usage(sub, "a PATH should not be empty");
	}
	if (!status && options_load(options) != 0)
		status = EXIT_USAGE + 1;
	return status;
}

static int run(const struct subcommand *sub, struct cache_arguments *a,
	       const struct mount_options *options)
{
	const char *wanted = a->cache ? a->cache : options->fs.backend.cache;
	auto_free char *directory = backend_cache_path(wanted);
	struct inspection inspection;
	int status = EXIT_REFUSED;
	int err;

	if (!directory) {
		log_error("no place for the cache is known; see --cache");
		return EXIT_REFUSED;
	}
	a->directory = directory;
	err = inspect_open(&inspection, directory);
	if (err)
		log_error("cannot read the cache '%s': %s", directory,
			  strerror(-err));
	else
		status = sub->run(a, &inspection);
	inspect_release(&inspection);
	if (fflush(stdout) != 0) {
		log_error("cannot write the answer: %s", strerror(errno));
		status = EXIT_REFUSED;
	}
	return status;
}

static int run_subcommand(const struct subcommand *sub, int argc, char **argv)
{
	struct cache_arguments arguments = {0};
	struct mount_options options;
	int status;

	if (options_init(&options) != 0)
		return EXIT_REFUSED;
	status = parse(sub, &arguments, &options, argc, argv);
	if (status)
		status--;
	else
		status = run(sub, &arguments, &options);
	options_release(&options);
	return status;
}

int cache_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return usage(NULL, "what to do is needed") - 1;
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	    strcmp(word, "help") == 0) {
		print_help(NULL);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands);
	     i++) {
		if (strcmp(subcommands[i].name, word) == 0)
			return run_subcommand(&subcommands[i], argc - 1,
					      argv + 1);
	}
	log_error("unknown command '%s'; see 'groovefs cache --help'", word);
	return EXIT_USAGE;
}
