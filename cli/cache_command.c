/* groovefs cache stats | verify | clear | ls: parses the command line. */
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
	const char *letters; /* letters of its own options */
	bool takes_paths;
	int (*run)(const struct cache_arguments *arguments,
		   struct inspection *inspection);
	const char *usage;
};

/* One call of a command. */
struct cache_call {
	const struct subcommand *sub;
	struct cache_arguments given;
	const char *age; /* clear: as it was given; NULL: any */
	struct mount_options options;
};

static const struct subcommand subcommands[] = {
	{"stats", "", false, cache_stats,
	 "Usage: groovefs cache stats [--json | --jsonl]\n"
	 "\n"
	 "Prints what the cache holds: entries and bytes on disk, by quality\n"
	 "and by last use, and the number of known files.\n"},
	{"verify", "r", false, cache_verify,
	 "Usage: groovefs cache verify [--repair] [--json | --jsonl]\n"
	 "\n"
	 "Checks every segment against its checksum, and finds data files\n"
	 "without an index, indexes without data, temporary and foreign "
	 "files.\n"
	 "Prints a line for each; the exit status is then 1, repaired or "
	 "not.\n"},
	{"clear", "ntq", true, cache_clear,
	 "Usage: groovefs cache clear [-n] [--older-than TIME]\n"
	 "                            [--quality QUALITY,...]\n"
	 "                            [--json | --jsonl] [PATH...]\n"
	 "\n"
	 "Removes all entries, or those that match all conditions. Entries "
	 "that\n"
	 "a mount has open are kept and reported as 'in use'. A PATH is a "
	 "file\n"
	 "or a folder, relative to the library or absolute: then its longest\n"
	 "suffix that matches a path in the cache is used.\n"},
	{"ls", "", false, cache_ls,
	 "Usage: groovefs cache ls [--json | --jsonl]\n"
	 "\n"
	 "Prints a line per entry: bytes on disk, percentage cached, last "
	 "use,\n"
	 "quality, and the source it was last opened for.\n"},
};

static const char notes[] =
	"\n"
	"A mount may use the cache at the same time. The exit status is 0 if\n"
	"all is well, 1 if something is wrong, 2 if the arguments are invalid.";

static int check_cache(const struct arguments *arguments, int count,
		       char **paths)
{
	struct cache_call *asking = arguments->context;
	struct cache_arguments *given = &asking->given;

	if (count > 0 && !asking->sub->takes_paths)
		return arguments_refuse_word(arguments, *paths);
	given->paths = paths;
	given->aged = asking->age != NULL;
	if (given->aged && value_time(asking->age, &given->age) != 0)
		return arguments_refuse(
			arguments, "--older-than should be a time such as 30d");
	for (; *paths; paths++) {
		if (**paths == '\0')
			return arguments_refuse(arguments,
						"a PATH should not be empty");
	}
	return 0;
}

static int run_cache(void *context, char **paths)
{
	struct cache_call *asking = context;
	auto_free char *directory =
		backend_cache_path(asking->options.fs.core.backend.cache);
	struct inspection inspection;
	int status = EXIT_REFUSED;
	int err;

	if (!directory) {
		log_error("no cache folder is known: name one with --cache");
		return EXIT_REFUSED;
	}
	(void)paths; /* check_cache() has taken them */
	asking->given.directory = directory;
	if (backend_trust_cache(directory) != 0)
		return EXIT_REFUSED;
	err = inspect_open(&inspection, directory);
	if (err)
		log_error("cannot read the cache '%s': %s", directory,
			  strerror(-err));
	else
		status = asking->sub->run(&asking->given, &inspection);
	inspect_release(&inspection);
	if (fflush(stdout) != 0) {
		log_error("cannot write the output: %s", strerror(errno));
		status = EXIT_REFUSED;
	}
	return status;
}

static int run_subcommand(const struct subcommand *sub, int argc, char **argv)
{
	struct cache_call asking = {.sub = sub};
	struct cache_arguments *given = &asking.given;
	const struct argument own[] = {
		{"repair", 'r', NULL,
		 "forget damaged segments (they are made again when read) and "
		 "remove orphans, but nothing foreign and nothing in use",
		 .flag = &given->repair},
		{"dry-run", 'n', NULL, "only print what would be removed",
		 .flag = &given->dry_run},
		{"older-than", 't', "TIME", "not used for this long (12h, 30d)",
		 .value = &asking.age},
		{"quality", 'q', "QUALITY,...",
		 "only these: low, tag, analysis, ...",
		 .value = &given->qualities,
		 .wrong = "--quality should be a name"},
		{0},
	};
	char name[32];
	const struct arguments arguments = {
		.command = name,
		.usage = sub->usage,
		.notes = notes,
		.own = own,
		.letters = sub->letters,
		.options = &asking.options,
		.has_cache = true,
		.format = &given->format,
		.json = "one JSON object: rows, summary",
		.jsonl = "one JSON object per line: rows, then the summary",
		.check = check_cache,
		.run = run_cache,
		.context = &asking,
	};

	snprintf(name, sizeof(name), "cache %s", sub->name);
	return arguments_run(&arguments, argc, argv);
}

static int print_cache_help(void)
{
	puts("Usage: groovefs cache COMMAND ...\n"
	     "\n"
	     "  stats                    print how full it is\n"
	     "  verify                   check it; --repair mends it\n"
	     "  clear                    remove entries, all or some\n"
	     "  ls                       list its entries\n"
	     "\n"
	     "'groovefs cache COMMAND --help' has more. All of them take\n"
	     "--cache DIR, --json and --jsonl.");
	return EXIT_DONE;
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
	    strcmp(word, "help") == 0)
		return print_cache_help();
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
	log_error("unknown cache command '%s': it should be stats, verify, "
		  "clear or ls; see 'groovefs cache --help'",
		  word);
	return EXIT_USAGE;
}
