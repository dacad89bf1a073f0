/* groovefs config [--json] [--config FILE] [-o KEY=VALUE,...] */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/config_text.h"
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static void print_help(void)
{
	puts("Usage: groovefs config [--json] [--config FILE] "
	     "[-o KEY=VALUE,...]\n"
	     "\n"
	     "Prints what is in force for a mount and where each value comes\n"
	     "from, as a configuration file. Later sources win:\n"
	     "\n"
	     "  what is built in, /etc/groovefs.conf,\n"
	     "  $XDG_CONFIG_HOME/groovefs/config (else ~/.config/groovefs/"
	     "config),\n"
	     "  -o KEY=VALUE, environment variables GROOVEFS_KEY\n"
	     "\n"
	     "      --json               the same for programs\n"
	     "      --config FILE        this file, not the two above; so does "
	     "the\n"
	     "                           variable GROOVEFS_CONFIG\n"
	     "  -o KEY=VALUE,...         as for mount\n"
	     "  -h, --help               this text");
}

/* 0, or an exit status + 1 */
static int parse(struct mount_options *options, bool *json, int argc,
		 char **argv)
{
	static const struct option longs[] = {
		{"json", no_argument, NULL, 'j'},
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int err = 0;
	int c;

	opterr = 0;
	optind = 1;
	while (!err &&
	       (c = getopt_long(argc, argv, "ho:", longs, NULL)) != -1) {
		if (c == 'j') {
			*json = true;
		} else if (c == 'c') {
			options->config_file = optarg;
		} else if (c == 'o') {
			err = options_add(options, optarg);
		} else if (c == 'h') {
			print_help();
			return EXIT_DONE + 1;
		} else {
			err = -EINVAL;
		}
	}
	if (!err && optind == argc)
		return 0;
	log_error("unknown argument; see 'groovefs config --help'");
	return EXIT_USAGE + 1;
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
