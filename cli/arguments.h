/*
 * Arguments of commands: a table of options says what each stores and what
 * --help tells of it; those that all commands share are added here.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "cli/settings/options.h"

#include <stdbool.h>

/* For people, as one JSON value, or as one JSON object per line. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL };

/* An option. What it is given goes where one of the pointers leads. */
struct argument {
	const char *name;
	char letter;	  /* 0: it has none */
	const char *form; /* of its value; NULL: it takes none */
	const char *text; /* for --help */
	bool *flag;
	const char **value;
	const char *wrong; /* said of an empty value; NULL: it may be empty */
	unsigned *jobs;
};

struct arguments {
	const char *command;	    /* its full name: "cache clear" */
	const char *usage;	    /* --help: what comes before the options */
	const char *notes;	    /* and behind them; NULL: nothing */
	void (*print_more)(void);   /* and at its end; NULL: nothing */
	const struct argument *own; /* ended by {0} */
	const char *letters; /* of those with a letter, only these; NULL: all */
	struct mount_options *options; /* for -o, --config; NULL: neither */
	bool has_cache;		       /* --cache */
	/* For --json and --jsonl, and what --help tells; NULL: neither. */
	enum format *format;
	const char *json, *jsonl;
	/*
	 * Looks at what was given, before the settings are read: 0, or as
	 * arguments_refuse(). The words are those behind the options.
	 */
	int (*check)(const struct arguments *arguments, int count,
		     char **words);
	/* Gives the exit status. The words end with NULL. */
	int (*run)(void *context, char **words);
	void *context;
};

/* Takes the options and runs the command: its exit status. */
int arguments_run(const struct arguments *arguments, int argc, char **argv);

/* Logs what is wrong. EXIT_USAGE + 1. */
int arguments_refuse(const struct arguments *arguments, const char *reason);

/* The same of a word where none is expected. */
int arguments_refuse_word(const struct arguments *arguments, const char *word);

#endif
