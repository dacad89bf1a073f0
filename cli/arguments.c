/* See arguments.h. */
#include "cli/arguments.h"

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/settings/values.h"

#include <getopt.h>
#include <string.h>

enum { JOBS_MAX = 256, OPTIONS_MAX = 16, NO_LETTER = 256 };

/* All options of a command, its own and the common ones. */
struct taking {
	const struct arguments *arguments;
	struct argument all[OPTIONS_MAX];
	unsigned count;
	/* the same for getopt_long() */
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
	/* what common ones were given */
	bool help, json, jsonl;
};

int arguments_refuse(const struct arguments *arguments, const char *reason)
{
	log_error("%s; see 'groovefs %s --help'", reason, arguments->command);
	return EXIT_USAGE + 1;
}

int arguments_refuse_word(const struct arguments *arguments, const char *word)
{
	log_error("unexpected argument '%s'; see 'groovefs %s --help'", word,
		  arguments->command);
	return EXIT_USAGE + 1;
}

static void add_argument(struct taking *t, const struct argument *argument)
{
	char *letters = t->letters + strlen(t->letters);
	struct option *option = t->longs;

	while (option->name)
		option++;
	if (argument->name)
		*option = (struct option){
			argument->name,
			argument->form ? required_argument : no_argument, NULL,
			argument->letter ? argument->letter
					 : NO_LETTER + (int)t->count};
	if (argument->letter) {
		*letters++ = argument->letter;
		*letters = argument->form ? ':' : '\0';
	}
	t->all[t->count++] = *argument;
}

/* The common ones come last, as they do in --help. */
static void add_arguments(struct taking *t, const struct arguments *arguments)
{
	struct mount_options *options = arguments->options;

	*t = (struct taking){.arguments = arguments, .letters = ":"};
	for (const struct argument *a = arguments->own; a->name; a++) {
		if (!a->letter || !arguments->letters ||
		    strchr(arguments->letters, a->letter))
			add_argument(t, a);
	}
	if (arguments->has_cache)
		add_argument(t, &(struct argument){
					"cache", 0, "DIR",
					"the cache (~/.cache/groovefs)",
					.value = &options->cache,
					.wrong = "--cache should be a folder"});
	if (arguments->format) {
		add_argument(t, &(struct argument){"json", 0, NULL,
						   arguments->json,
						   .flag = &t->json});
		add_argument(t, &(struct argument){"jsonl", 0, NULL,
						   arguments->jsonl,
						   .flag = &t->jsonl});
	}
	if (options) {
		add_argument(t, &(struct argument){
					NULL, 'o', "SETTING=VALUE,...",
					arguments->print_more
						? "settings, listed below"
						: "settings; 'groovefs mount "
						  "--help' lists them"});
		add_argument(
			t, &(struct argument){"config", 0, "FILE",
					      "read this file instead of "
					      "/etc/groovefs.conf and "
					      "~/.config/groovefs/config",
					      .value = &options->config_file});
	}
	add_argument(t, &(struct argument){"help", 'h', NULL, "print this help",
					   .flag = &t->help});
}

/* By what getopt_long() gives; NULL: it is none. */
static const struct argument *find_argument(const struct taking *t, int value)
{
	if (value >= NO_LETTER)
		return &t->all[value - NO_LETTER];
	for (unsigned i = 0; value > 0 && i < t->count; i++) {
		if (t->all[i].letter == value)
			return &t->all[i];
	}
	return NULL;
}

/* The option that getopt_long() has just parsed, as it was written. */
static int refuse_option(const struct taking *t, const char *what,
			 const char *word)
{
	const struct argument *argument = find_argument(t, optopt);
	bool is_long = strncmp(word, "--", 2) == 0;
	char text[128];

	if (optopt > 0 && optopt < NO_LETTER && !is_long)
		snprintf(text, sizeof(text), "%s '-%c'", what, optopt);
	else if (argument && argument->name)
		snprintf(text, sizeof(text), "%s '--%s'", what, argument->name);
	else
		snprintf(text, sizeof(text), "%s '%s'", what, word);
	return arguments_refuse(t->arguments, text);
}

static int take_value(struct taking *t, const struct argument *argument)
{
	if (argument->flag == &t->json || argument->flag == &t->jsonl)
		t->json = t->jsonl = false; /* the last one counts */
	if (argument->flag)
		*argument->flag = true;
	else if (argument->value && !*optarg && argument->wrong)
		return arguments_refuse(t->arguments, argument->wrong);
	else if (argument->value)
		*argument->value = optarg;
	else if (!argument->jobs)
		return options_add(t->arguments->options, optarg)
			       ? EXIT_REFUSED + 1
			       : 0;
	else if (value_number(optarg, 1, JOBS_MAX, argument->jobs) != 0) {
		log_error("bad value '%s' for -j: it should be from 1 to 256; "
			  "see 'groovefs %s --help'",
			  optarg, t->arguments->command);
		return EXIT_USAGE + 1;
	}
	return 0;
}

static void print_help(const struct taking *t)
{
	const struct arguments *arguments = t->arguments;

	puts(arguments->usage);
	for (unsigned i = 0; i < t->count; i++) {
		const struct argument *a = &t->all[i];
		char letter[] = {'-', a->letter, '\0'};
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s%s%s%s",
			 a->letter ? letter : "    ",
			 a->letter && a->name ? ", " : "", a->name ? "--" : "",
			 a->name ? a->name : "", a->form ? " " : "",
			 a->form ? a->form : "");
		print_help_line(left, a->text);
	}
	if (arguments->notes)
		puts(arguments->notes);
	if (arguments->print_more)
		arguments->print_more();
}

/* 0, or an exit status + 1 after a log line, or after the help. */
static int take_arguments(struct taking *t, int argc, char **argv)
{
	int status = 0;
	int value;

	opterr = 0;
	optind = 1;
	while (!status && !t->help &&
	       (value = getopt_long(argc, argv, t->letters, t->longs, NULL)) !=
		       -1) {
		const char *word = argv[optind - 1];

		if (value == ':')
			status =
				refuse_option(t, "a value is needed for", word);
		else if (value == '?' && strncmp(word, "--", 2) == 0 &&
			 find_argument(t, optopt))
			status = refuse_option(t, "no value is expected for",
					       word);
		else if (value == '?')
			status = refuse_option(t, "unknown option", word);
		else
			status = take_value(t, find_argument(t, value));
	}
	if (status || !t->help)
		return status;
	print_help(t);
	return EXIT_DONE + 1;
}

static int parse_arguments(const struct arguments *arguments, int argc,
			   char **argv)
{
	struct taking taking;
	int status;

	add_arguments(&taking, arguments);
	status = take_arguments(&taking, argc, argv);
	if (!status && arguments->format)
		*arguments->format = taking.jsonl  ? FORMAT_JSONL
				     : taking.json ? FORMAT_JSON
						   : FORMAT_TEXT;
	if (!status)
		status = arguments->check(arguments, argc - optind,
					  argv + optind);
	if (!status && arguments->options &&
	    options_load(arguments->options) != 0)
		status = EXIT_USAGE + 1;
	return status;
}

int arguments_run(const struct arguments *arguments, int argc, char **argv)
{
	struct mount_options *options = arguments->options;
	int status = EXIT_REFUSED + 1;

	if (!options || options_init(options) == 0)
		status = parse_arguments(arguments, argc, argv);
	status = status ? status - 1
			: arguments->run(arguments->context, argv + optind);
	if (options)
		options_release(options);
	return status;
}
