/* groovefs config [--json] [--config FILE] [-o KEY=VALUE,...] */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
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
	     "      --save               write it to the user's file, or to "
	     "the\n"
	     "                           one that --config names\n"
	     "      --config FILE        this file, not the two above; so does "
	     "the\n"
	     "                           variable GROOVEFS_CONFIG\n"
	     "  -o KEY=VALUE,...         as for mount\n"
	     "  -h, --help               this text");
}

static const struct option longs[] = {
	{"json", no_argument, NULL, 'j'},
	{"save", no_argument, NULL, 's'},
	ARGUMENTS_LONGS,
	{0},
};

struct config {
	struct mount_options options;
	bool json;
	bool save;
};

static int take_option(void *context, int letter)
{
	struct config *config = context;

	if (letter != 'j' && letter != 's')
		return ARGUMENT_UNKNOWN;
	config->json |= letter == 'j';
	config->save |= letter == 's';
	return 0;
}

/* 0, or an exit status + 1 */
static int parse(struct config *config, int argc, char **argv)
{
	const struct arguments arguments = {
		.command = "config",
		.letters = ARGUMENTS_LETTERS,
		.longs = longs,
		.options = &config->options,
		.print_help = print_help,
		.take = take_option,
		.context = config,
	};
	int status = arguments_take(&arguments, argc, argv);

	if (!status && optind < argc)
		status =
			arguments_refuse(&arguments, "no argument is expected");
	if (!status && config->save && config->json)
		status =
			arguments_refuse(&arguments, "either --json or --save");
	return status;
}

/* Under another name first, so that the old one stays until it is whole. */
static int write_whole(const char *path, const char *text)
{
	auto_free char *temporary = NULL;
	auto_file FILE *file = NULL;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	file = fopen(temporary, "we");
	if (!file)
		return -errno;
	if (fputs(text, file) >= 0 && fflush(file) == 0 &&
	    fsync(fileno(file)) == 0 && rename(temporary, path) == 0)
		return 0;
	return -errno;
}

static int save(const struct config *config)
{
	const char *named = config->options.config_file;
	auto_free char *path = named ? strdup(named) : options_user_file();
	size_t failed;
	int err = path ? path_make_parents(path, &failed) : -ENOENT;

	if (!err)
		err = write_whole(path, config->options.config_text);
	if (!err) {
		printf("saved to %s\n", path);
		return EXIT_DONE;
	}
	log_error("cannot write the configuration '%s': %s", path ? path : "",
		  strerror(-err));
	return EXIT_REFUSED;
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
	struct config config = {0};
	int status = EXIT_REFUSED;

	if (options_init(&config.options) == 0) {
		status = parse(&config, argc, argv);
		if (status)
			status--;
		else if (options_load(&config.options) != 0)
			status = EXIT_USAGE;
		else
			status = config.save
					 ? save(&config)
					 : print(&config.options, config.json);
	}
	options_release(&config.options);
	return status;
}
