/*
 * Arguments of commands: what all of them take (-o, --config, --help) and how
 * they say that something makes no sense.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/settings/options.h"

#include <getopt.h>

/* Of every command, beside its own. */
#define ARGUMENTS_LETTERS "ho:"
#define ARGUMENTS_LONGS                                                        \
	{"config", required_argument, NULL, ARGUMENT_CONFIG},                  \
	{                                                                      \
		"help", no_argument, NULL, 'h'                                 \
	}

/* Of those that print what programs read, too. */
#define ARGUMENTS_JSON                                                         \
	{"json", no_argument, NULL, ARGUMENT_JSON},                            \
	{                                                                      \
		"jsonl", no_argument, NULL, ARGUMENT_JSONL                     \
	}

enum {
	ARGUMENT_CONFIG = 256,
	ARGUMENT_JSON,
	ARGUMENT_JSONL,
	ARGUMENT_UNKNOWN = -1
};

/* For people, as one JSON value, as a JSON object a line. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL };

struct arguments {
	const char *command;	    /* as it is called: "cache clear" */
	const char *letters;	    /* begin with ARGUMENTS_LETTERS */
	const struct option *longs; /* with ARGUMENTS_LONGS and {0} */
	struct mount_options *options;
	enum format *format; /* set with ARGUMENTS_JSON only */

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

/* The same of an argument where none is expected. */
int arguments_refuse_word(const struct arguments *arguments, const char *word);

/* A text that should not be empty: 0, or as arguments_refuse(wrong). */
int arguments_text(const struct arguments *arguments, const char **text,
		   const char *wrong);

/* -j: 0, or as arguments_refuse(). */
int arguments_jobs(const struct arguments *arguments, unsigned *jobs);

#endif
