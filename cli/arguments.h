/*
 * Arguments of commands: what all of them take (-o, --config, --help) and how
 * they say that something makes no sense.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/options.h"

#include <getopt.h>

/* Of every command, beside its own. */
#define ARGUMENTS_LETTERS "ho:"
#define ARGUMENTS_LONGS                                                        \
	{"config", required_argument, NULL, ARGUMENT_CONFIG},                  \
	{                                                                      \
		"help", no_argument, NULL, 'h'                                 \
	}

enum { ARGUMENT_CONFIG = 256, ARGUMENT_UNKNOWN = -1 };

struct arguments {
	const char *command;	    /* as it is called: "cache clear" */
	const char *letters;	    /* begin with ARGUMENTS_LETTERS */
	const struct option *longs; /* with ARGUMENTS_LONGS and {0} */
	struct mount_options *options;

	void (*print_help)(const void *context);

	/* One of its own, in optarg: 0, an exit status + 1, or UNKNOWN. */
	int (*take)(void *context, int letter);
	void *context;
};

/*
 * Takes all options; what follows them begins at optind. 0, or an exit status
 * + 1 after a log line, or after the help.
 */
int arguments_take(const struct arguments *arguments, int argc, char **argv);

/* Says what is wrong: EXIT_USAGE + 1. */
int arguments_refuse(const struct arguments *arguments, const char *reason);

/* -j: 0, or as arguments_refuse(). */
int arguments_jobs(const struct arguments *arguments, unsigned *jobs);

#endif
