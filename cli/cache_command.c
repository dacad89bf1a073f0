/* groovefs cache stats | verify | clear | ls: which, and with what. */
#include "cli/cache_command.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/settings/values.h"

#include <errno.h>
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

/* What one call is about. */
struct cache_call {
	const struct subcommand *sub;
	struct arguments arguments;
	struct cache_arguments given;
	struct mount_options options;
};

static const struct subcommand subcommands[] = {
	{
		.name = "stats",
		.letters = "",
		.run = cache_stats,
		.help = "Usage: groovefs cache stats [--json | --jsonl]\n"
			"\n"
			"Prints what the cache holds: entries and bytes on "
			"disk, by\n"
			"quality and by last use, and the number of known "
			"files.\n"
			"\n",
	},
	{
		.name = "verify",
		.letters = "r",
		.run = cache_verify,
		.help = "Usage: groovefs cache verify [--repair] [--json | "
			"--jsonl]\n"
			"\n"
			"Checks every segment against its checksum, and finds "
			"data\n"
			"files without an index, indexes without data, "
			"temporary\n"
			"and foreign files. Prints a line for each; the exit "
			"status\n"
			"is then 1, repaired or not.\n"
			"\n"
			"  -r, --repair             forget damaged segments "
			"(they are\n"
			"                           made again when read) and "
			"remove\n"
			"                           orphans, but nothing "
			"foreign and\n"
			"                           nothing in use\n",
	},
	{
		.name = "clear",
		.letters = "ntq",
		.takes_paths = true,
		.run = cache_clear,
		.help = "Usage: groovefs cache clear [-n] [--older-than TIME]\n"
			"                            [--quality QUALITY,...]\n"
			"                            [--json | --jsonl] "
			"[PATH...]\n"
			"\n"
			"Removes all entries, or those that match all "
			"conditions.\n"
			"Entries that a mount has open are kept and reported "
			"as\n"
			"'in use'. A PATH is a file or a folder, relative to "
			"the\n"
			"library or absolute: then its longest suffix that "
			"matches\n"
			"a path in the cache is used.\n"
			"\n"
			"  -n, --dry-run            only print what would be "
			"removed\n"
			"  -t, --older-than TIME    not used for this long "
			"(12h, 30d)\n"
			"  -q, --quality QUALITY,...\n"
			"                           only these: low, tag, "
			"analysis, ...\n",
	},
	{
		.name = "ls",
		.letters = "",
		.run = cache_ls,
		.help = "Usage: groovefs cache ls [--json | --jsonl]\n"
			"\n"
			"Prints a line per entry: bytes on disk, percentage "
			"cached,\n"
			"last use, quality, and the source it was last opened "
			"for.\n"
			"\n",
	},
};

static void print_common_help(void)
{
	puts("      --cache DIR          the cache (~/.cache/groovefs)\n"
	     "  -o SETTING=VALUE,...     as for mount, such as cache=DIR\n"
	     "      --config FILE        as for mount\n"
	     "      --json               one JSON object: rows, summary\n"
	     "      --jsonl              one JSON object per line: rows, then\n"
	     "                           the summary\n"
	     "  -h, --help               print this help\n"
	     "\n"
	     "A mount may use the cache at the same time. The exit status is "
	     "0\n"
	     "if all is well, 1 if something is wrong, 2 if the arguments are\n"
	     "invalid.");
}

static void print_cache_help(const void *context)
{
	const struct cache_call *asking = context;
	const struct subcommand *sub = asking ? asking->sub : NULL;

	if (sub) {
		fputs(sub->help, stdout);
	} else {
		puts("Usage: groovefs cache COMMAND ...\n"
		     "\n"
		     "  stats                    print how full it is\n"
		     "  verify                   check it; --repair mends it\n"
		     "  clear                    remove entries, all or some\n"
		     "  ls                       list its entries\n"
		     "\n"
		     "'groovefs cache COMMAND --help' has more. Options of "
		     "all:\n"
		     "");
	}
	print_common_help();
}

static const struct option longs[] = {
	{"cache", required_argument, NULL, 'c'},
	{"repair", no_argument, NULL, 'r'},
	{"dry-run", no_argument, NULL, 'n'},
	{"older-than", required_argument, NULL, 't'},
	{"quality", required_argument, NULL, 'q'},
	ARGUMENTS_JSON,
	ARGUMENTS_LONGS,
	{0},
};

static int take_age(const struct cache_call *asking, struct cache_arguments *a)
{
	a->aged = true;
	if (value_time(optarg, &a->age) == 0)
		return 0;
	return arguments_refuse(&asking->arguments,
				"--older-than should be a time such as 30d");
}

static int take_cache_option(void *context, int letter)
{
	struct cache_call *asking = context;
	struct cache_arguments *a = &asking->given;

	if (letter != 'c' && !strchr(asking->sub->letters, letter))
		return ARGUMENT_UNKNOWN;
	switch (letter) {
	case 'c':
		return arguments_text(&asking->arguments, &a->cache,
				      "--cache should be a folder");
	case 'r':
		a->repair = true;
		return 0;
	case 'n':
		a->dry_run = true;
		return 0;
	case 't':
		return take_age(asking, a);
	default:
		return arguments_text(&asking->arguments, &a->qualities,
				      "--quality should be a name");
	}
}

/* 0, or an exit status + 1 */
static int parse_cache(struct cache_call *asking, int argc, char **argv)
{
	const struct arguments *arguments = &asking->arguments;
	int status = arguments_take(arguments, argc, argv);

	if (!status && optind < argc && !asking->sub->takes_paths)
		status = arguments_refuse_word(arguments, argv[optind]);
	asking->given.paths = argv + optind;
	for (int i = optind; !status && i < argc; i++) {
		if (*argv[i] == '\0')
			status = arguments_refuse(arguments,
						  "a PATH should not be empty");
	}
	if (!status && options_load(&asking->options) != 0)
		status = EXIT_USAGE + 1;
	return status;
}

static int run_cache(const struct subcommand *sub, struct cache_arguments *a,
		     const struct mount_options *options)
{
	const char *wanted =
		a->cache ? a->cache : options->fs.core.backend.cache;
	auto_free char *directory = backend_cache_path(wanted);
	struct inspection inspection;
	int status = EXIT_REFUSED;
	int err;

	if (!directory) {
		log_error("no place for the cache is known; see --cache");
		return EXIT_REFUSED;
	}
	a->directory = directory;
	if (backend_trust_cache(directory) != 0)
		return EXIT_REFUSED;
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
	struct cache_call asking = {.sub = sub};
	char name[32];
	int status;

	snprintf(name, sizeof(name), "cache %s", sub->name);
	asking.arguments = (struct arguments){
		.command = name,
		.letters = ARGUMENTS_LETTERS "rnt:q:",
		.longs = longs,
		.options = &asking.options,
		.format = &asking.given.format,
		.print_help = print_cache_help,
		.take = take_cache_option,
		.context = &asking,
	};
	if (options_init(&asking.options) != 0)
		return EXIT_REFUSED;
	status = parse_cache(&asking, argc, argv);
	if (status)
		status--;
	else
		status = run_cache(sub, &asking.given, &asking.options);
	options_release(&asking.options);
	return status;
}

int cache_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		log_error("a cache command is needed (stats, verify, clear or "
			  "ls); see 'groovefs cache --help'");
		return EXIT_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	    strcmp(word, "help") == 0) {
		print_cache_help(NULL);
		return EXIT_DONE;
	}
	if (*word == '-') {
		log_error("a cache command (stats, verify, clear or ls) is "
			  "needed before '%s'; see 'groovefs cache --help'",
			  word);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands);
	     i++) {
		if (strcmp(subcommands[i].name, word) == 0)
			return run_subcommand(&subcommands[i], argc - 1,
					      argv + 1);
	}
	log_error("unknown cache command '%s' (stats, verify, clear or ls are "
		  "known); see 'groovefs cache --help'",
		  word);
	return EXIT_USAGE;
}
