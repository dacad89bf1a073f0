/* See arguments.h. */
#include "cli/arguments.h"

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/settings/values.h"

#include <string.h>

enum { JOBS_MAX = 256 };

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

int arguments_text(const struct arguments *arguments, const char **text,
		   const char *wrong)
{
	*text = optarg;
	return *optarg ? 0 : arguments_refuse(arguments, wrong);
}

int arguments_jobs(const struct arguments *arguments, unsigned *jobs)
{
	if (value_number(optarg, 1, JOBS_MAX, jobs) == 0)
		return 0;
	log_error("'%s' makes no sense for -j: it should be 1 to 256; see "
		  "'groovefs %s --help'",
		  optarg, arguments->command);
	return EXIT_USAGE + 1;
}

/* getopt_long() names a known option when it was given a value it has not. */
static bool is_known(const struct arguments *arguments, int letter)
{
	const struct option *found = arguments->longs;

	while (found->name && found->val != letter)
		found++;
	return letter > 0 && found->name;
}

/* The option that getopt_long() has just been at, as it is written. */
static int refuse_option(const struct arguments *arguments, const char *what,
			 int letter, const char *word)
{
	char text[128];
	const struct option *found = arguments->longs;

	while (found->name && found->val != letter)
		found++;
	if (letter > 0 && letter < 256 && strncmp(word, "--", 2) != 0)
		snprintf(text, sizeof(text), "%s '-%c'", what, letter);
	else if (letter > 0 && found->name)
		snprintf(text, sizeof(text), "%s '--%s'", what, found->name);
	else
		snprintf(text, sizeof(text), "%s '%s'", what, word);
	return arguments_refuse(arguments, text);
}

static int take_argument(const struct arguments *arguments, int letter,
			 const char *word)
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
	case ARGUMENT_JSON:
		*arguments->format = FORMAT_JSON;
		return 0;
	case ARGUMENT_JSONL:
		*arguments->format = FORMAT_JSONL;
		return 0;
	case ':':
		return refuse_option(arguments, "a value is needed for", optopt,
				     word);
	case '?':
		return refuse_option(arguments,
				     strncmp(word, "--", 2) == 0 &&
						     is_known(arguments, optopt)
					     ? "no value is expected for"
					     : "unknown option",
				     optopt, word);
	default:
		status = arguments->take(arguments->context, letter);
		return status == ARGUMENT_UNKNOWN
			       ? refuse_option(arguments, "unknown option",
					       letter, word)
			       : status;
	}
}

int arguments_take(const struct arguments *arguments, int argc, char **argv)
{
	auto_free char *letters = NULL;
	int status = 0;
	int letter;

	if (asprintf(&letters, ":%s", arguments->letters) < 0)
		return EXIT_REFUSED + 1;
	opterr = 0;
	optind = 1;
	while (!status && (letter = getopt_long(argc, argv, letters,
						arguments->longs, NULL)) != -1)
		status = take_argument(arguments, letter, argv[optind - 1]);
	return status;
}
