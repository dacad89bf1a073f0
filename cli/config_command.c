/* groovefs config [--json | --jsonl | --save] [-o SETTING=VALUE,...] */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cli/arguments.h"
#include "cli/settings/config_text.h"

#include <errno.h>
#include <string.h>

static void print_config_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs config [--json | --jsonl | --save]\n"
	     "                       [--config FILE] [-o SETTING=VALUE,...]\n"
	     "\n"
	     "Prints the settings in force for a mount, and where each one\n"
	     "comes from, as a configuration file. They are read in this "
	     "order;\n"
	     "a later source overrides an earlier one:\n"
	     "\n"
	     "  built-in defaults\n"
	     "  /etc/groovefs.conf\n"
	     "  $XDG_CONFIG_HOME/groovefs/config, or "
	     "~/.config/groovefs/config\n"
	     "  environment variables such as GROOVEFS_CACHE_SIZE\n"
	     "  -o SETTING=VALUE\n"
	     "\n"
	     "      --json               the same as one JSON object\n"
	     "      --jsonl              the same, one JSON object per line\n"
	     "      --save               write it to the user's file, or to "
	     "the\n"
	     "                           file that --config names\n"
	     "      --config FILE        read this file instead of the two\n"
	     "                           above; GROOVEFS_CONFIG does the same\n"
	     "  -o SETTING=VALUE,...     as for mount\n"
	     "  -h, --help               print this help");
}

static const struct option longs[] = {
	{"save", no_argument, NULL, 's'},
	ARGUMENTS_JSON,
	ARGUMENTS_LONGS,
	{0},
};

struct config {
	struct mount_options options;
	enum format format;
	bool save;
};

static int take_config_option(void *context, int letter)
{
	struct config *config = context;

	if (letter != 's')
		return ARGUMENT_UNKNOWN;
	config->save = true;
	return 0;
}

/* 0, or an exit status + 1 */
static int parse_config(struct config *config, int argc, char **argv)
{
	const struct arguments arguments = {
		.command = "config",
		.letters = ARGUMENTS_LETTERS,
		.longs = longs,
		.options = &config->options,
		.format = &config->format,
		.print_help = print_config_help,
		.take = take_config_option,
		.context = config,
	};
	int status = arguments_take(&arguments, argc, argv);

	if (!status && optind < argc)
		status = arguments_refuse_word(&arguments, argv[optind]);
	if (!status && config->save && config->format != FORMAT_TEXT)
		status = arguments_refuse(&arguments,
					  "either --json, --jsonl or --save");
	return status;
}

static int write_file(const char *path, const char *text)
{
	auto_file FILE *file = fopen(path, "we");

	if (file && fputs(text, file) >= 0 && fflush(file) == 0 &&
	    fsync(fileno(file)) == 0)
		return 0;
	return -errno;
}

/* Under another name first, so that the old one stays until it is whole. */
static int write_whole(const char *path, const char *text)
{
	auto_free char *temporary = NULL;
	int err;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	err = write_file(temporary, text);
	if (!err && rename(temporary, path) != 0)
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

static int save(const struct config *config)
{
	const char *named = config->options.config_file;
	auto_free char *path = named ? strdup(named) : options_user_file();
	auto_free char *real = NULL;
	size_t failed;
	int err = path ? path_make_parents(path, &failed) : -ENOENT;

	if (!err)
		real = realpath(path, NULL); /* where a link leads */
	if (!err)
		err = write_whole(real ? real : path,
				  config->options.config_text);
	if (!err) {
		fputs("saved to ", stdout);
		utf8_print(stdout, path);
		putchar('\n');
		return EXIT_DONE;
	}
	log_error("cannot write the configuration '%s': %s", path ? path : "",
		  strerror(-err));
	return EXIT_REFUSED;
}

static int print(const struct mount_options *options, enum format format)
{
	if (format == FORMAT_TEXT)
		fputs(options->config_text, stdout);
	else
		config_json(options, format == FORMAT_JSONL, stdout);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_DONE;
	log_error("cannot write the configuration: %s", strerror(errno));
	return EXIT_REFUSED;
}

int config_command(int argc, char **argv)
{
	struct config config = {0};
	int status = EXIT_REFUSED;

	if (options_init(&config.options) == 0) {
		status = parse_config(&config, argc, argv);
		if (status)
			status--;
		else if (options_load(&config.options) != 0)
			status = EXIT_USAGE;
		else
			status = config.save ? save(&config)
					     : print(&config.options,
						     config.format);
	}
	options_release(&config.options);
	return status;
}
