/* See arguments.h. */
#include "cli/arguments.h"

#include "cli/commands.h"
#include "cli/values.h"

enum { JOBS_MAX = 256 };

int arguments_refuse(const struct arguments *arguments, const char *reason)
{
	log_error("%s; see 'groovefs %s --help'", reason, arguments->command);
	return EXIT_USAGE + 1;
}

int arguments_jobs(const struct arguments *arguments, unsigned *jobs)
{
	if (value_number(optarg, 1, JOBS_MAX, jobs) == 0)
		return 0;
	return arguments_refuse(arguments, "-j should be 1 to 256");
}

static int take(const struct arguments *arguments, int letter)
{
	int status;

	switch (letter) {
	case 'h':
		arguments->print_help(arguments->context);
		return EXIT_DONE + 1;
	case 'o':
		return options_add(arguments->options, optarg)
			       ? EXIT_REFUSED + 1
			       : 0;
	case ARGUMENT_CONFIG:
		arguments->options->config_file = optarg;
		return 0;
	default:
		status = arguments->take(arguments->context, letter);
		return status == ARGUMENT_UNKNOWN
			       ? arguments_refuse(arguments, "unknown argument")
			       : status;
	}
}

int arguments_take(const struct arguments *arguments, int argc, char **argv)
{
	int status = 0;
	int letter;

	opterr = 0;
	optind = 1;
	while (!status && (letter = getopt_long(argc, argv, arguments->letters,
						arguments->longs, NULL)) != -1)
		status = take(arguments, letter);
	return status;
}
