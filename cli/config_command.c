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

static const char usage[] =
	"Usage: groovefs config [--json | --jsonl | --save]\n"
	"                       [--config FILE] [-o SETTING=VALUE,...]\n"
	"\n"
	"Prints the settings in force for a mount, and where each one\n"
	"comes from, as a configuration file. They are read in this order;\n"
	"a later source overrides an earlier one:\n"
	"\n"
	"  built-in defaults\n"
	"  /etc/groovefs.conf\n"
	"  $XDG_CONFIG_HOME/groovefs/config, or ~/.config/groovefs/config\n"
	"  environment variables such as GROOVEFS_CACHE_SIZE\n"
	"  -o SETTING=VALUE\n"
	"\n"
	"GROOVEFS_CONFIG names a file as --config does.\n";

struct config {
	struct mount_options options;
	enum format format;
	bool save;
};

static int check_config(const struct arguments *arguments, int count,
			char **words)
{
	const struct config *config = arguments->context;

	if (count > 0)
		return arguments_refuse_word(arguments, *words);
	if (config->save && config->format != FORMAT_TEXT)
		return arguments_refuse(arguments,
					"use either --json, --jsonl or --save");
	return 0;
}

static int write_file(const char *path, const char *text)
{
	auto_file FILE *file = fopen(path, "we");

	if (file && fputs(text, file) >= 0 && fflush(file) == 0 &&
	    fsync(fileno(file)) == 0)
		return 0;
	return -errno;
}

/*
 * Under another name first, so that the old file stays until the new one is
 * complete.
 */
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
		real = realpath(path, NULL); /* the target of a link */
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

static int run_config(void *context, char **words)
{
	const struct config *config = context;

	(void)words;
	return config->save ? save(config)
			    : print(&config->options, config->format);
}

int config_command(int argc, char **argv)
{
	struct config config = {0};
	const struct argument own[] = {
		{"save", 0, NULL,
		 "write it to the user's file, or to the file that "
		 "--config names",
		 .flag = &config.save},
		{0},
	};
	const struct arguments arguments = {
		.command = "config",
		.usage = usage,
		.own = own,
		.options = &config.options,
		.format = &config.format,
		.json = "print them as one JSON object",
		.jsonl = "print them as one JSON object per line",
		.check = check_config,
		.run = run_config,
		.context = &config,
	};

	return arguments_run(&arguments, argc, argv);
}
