/* groovefs config [--json] [--config FILE] [-o KEY=VALUE,...] */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/config_text.h"

#include <errno.h>
#include <string.h>

static void print_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs config [--json] [--config FILE] "
	     "[-o KEY=VALUE,...]\n"
	     "\n"
	     "Prints what is in force for a mount and where each value comes\n"
	     "from, as a configuration file. A later source overrides an\n"
	     "earlier one:\n"
	     "\n"
	     "  what is built in, /etc/groovefs.conf,\n"
	     "  $XDG_CONFIG_HOME/groovefs/config (else ~/.config/groovefs/"
	     "config),\n"
	     "  environment variables GROOVEFS_KEY, -o KEY=VALUE\n"
	     "\n"
	     "      --json               the same for programs\n"
	     "      --config FILE        this file, not the two above; so does "
	     "the\n"
	     "                           variable GROOVEFS_CONFIG\n"
	     "  -o KEY=VALUE,...         as for mount\n"
	     "  -h, --help               this text");
}

static const struct option longs[] = {
	{"json", no_argument, NULL, 'j'},
	ARGUMENTS_LONGS,
	{0},
};

static int take_option(void *context, int letter)
{
	bool *json = context;

	if (letter != 'j')
		return ARGUMENT_UNKNOWN;
	*json = true;
	return 0;
}

/* 0, or an exit status + 1 */
static int parse(struct mount_options *options, bool *json, int argc,
		 char **argv)
{
	const struct arguments arguments = {
		.command = "config",
		.letters = ARGUMENTS_LETTERS,
		.longs = longs,
		.options = options,
		.print_help = print_help,
		.take = take_option,
		.context = json,
	};
	int status = arguments_take(&arguments, argc, argv);

	if (!status && optind < argc)
		status = arguments_refuse(&arguments, "unknown argument");
	return status;
}

static int print(const struct mount_options *options, bool json)
{
	auto_free char *made = json ? config_json(options) : NULL;
	const char *text = json ? made : options->config_text;

	if (!text)
		errno = ENOMEM;
	else if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return EXIT_DONE;
	log_error("cannot write the configuration: %s", strerror(errno));
	return EXIT_REFUSED;
}

int config_command(int argc, char **argv)
{
	struct mount_options options;
	bool json = false;
	int status;

	if (options_init(&options) != 0) {
		options_release(&options);
		return EXIT_REFUSED;
	}
	status = parse(&options, &json, argc, argv);
	if (status)
		status--;
	else if (options_load(&options) != 0)
		status = EXIT_USAGE;
	else
		status = print(&options, json);
	options_release(&options);
	return status;
}
