/* groovefs mount [-f] [-o SETTING=VALUE,...] LIBRARY MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/daemonize.h"
#include "cli/mountpoint.h"
#include "cli/reload.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

static const char usage[] =
	"Usage: groovefs mount [-f] [-o SETTING=VALUE,...] LIBRARY MOUNTPOINT\n"
	"\n"
	"Mounts a music library: original/ shows it as it is; high/,\n"
	"medium/ and low/ (or the qualities of the configuration file)\n"
	"show its lossless files as MP3.\n";

static const char notes[] =
	"\n"
	"Settings (SIZE: 500M, 10G; TIME: 12h, 30d). They can also be\n"
	"lines of a configuration file, or environment variables such as\n"
	"GROOVEFS_CACHE_SIZE; 'groovefs config' prints them:";

static void print_settings(void)
{
	settings_print_help();
	print_help_line("allow_other, ...", "FUSE's own options are passed on");
}

/* Absolute, as the daemon leaves the folder that it was started in. */
static char *real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

struct mounting {
	struct mount_options options;
	char *config_file; /* absolute */
	bool foreground;
};

/* Messages up to now were for whoever started it. */
static void mounted(void *arg)
{
	const struct mounting *mounting = arg;
	enum log_target target = mounting->options.log_target;

	if (target == LOG_TARGET_SYSLOG ||
	    (target == LOG_TARGET_AUTO && !mounting->foreground))
		log_to_syslog();
	daemonize_ready(target == LOG_TARGET_STDERR);
}

/* They may be automounts themselves; of the cache only the parents exist. */
static int visit_places(const struct mounting *mounting, const char *library)
{
	int err = daemonize_visit(library);

	return err ? err
		   : daemonize_visit(mounting->options.fs.core.backend.cache);
}

static int run_mount(void *context, char **paths)
{
	struct mounting *mounting = context;
	struct fs_options *options = &mounting->options.fs;
	int err = visit_places(mounting, paths[0]);
	auto_free char *library = real_path(paths[0]);
	auto_free char *mountpoint = mountpoint_path(paths[1]);

	options->core.catalog.library = library;
	options->core.mountpoint = mountpoint;
	if (!err && (!library || !mountpoint))
		err = -ENOMEM;
	if (!err && mountpoint_free(mountpoint) != 0)
		return EXIT_REFUSED;
	/* on a terminal, closing it should end the mount */
	if (!mounting->foreground || !isatty(STDIN_FILENO)) {
		options->reload = reload_options;
		options->reload_context = &mounting->options;
	}
	if (!err && !mounting->foreground)
		err = daemonize_begin();
	if (!err)
		return fs_serve(options, mounted, mounting) ? EXIT_REFUSED
							    : EXIT_DONE;
	log_error("cannot start: %s", strerror(-err));
	return EXIT_REFUSED;
}

/* The daemon reads it again from another folder. */
static int find_config(struct mounting *mounting)
{
	const char *named = mounting->options.config_file;

	if (!named)
		named = getenv("GROOVEFS_CONFIG");
	if (!named || !*named)
		return 0;
	mounting->config_file = real_path(named);
	mounting->options.config_file = mounting->config_file;
	return mounting->config_file ? 0 : EXIT_REFUSED + 1;
}

static int check_mount(const struct arguments *arguments, int count,
		       char **paths)
{
	if (count > 2)
		return arguments_refuse_word(arguments, paths[2]);
	if (count < 2)
		return arguments_refuse(
			arguments, "a library and a mountpoint are needed");
	return find_config(arguments->context);
}

int mount_command(int argc, char **argv)
{
	struct mounting mounting = {0};
	const struct argument own[] = {
		{"foreground", 'f', NULL,
		 "stay in the foreground, log to stderr",
		 .flag = &mounting.foreground},
		{0},
	};
	const struct arguments arguments = {
		.command = "mount",
		.usage = usage,
		.notes = notes,
		.print_more = print_settings,
		.own = own,
		.options = &mounting.options,
		.check = check_mount,
		.run = run_mount,
		.context = &mounting,
	};
	int status = arguments_run(&arguments, argc, argv);

	free(mounting.config_file);
	return status;
}
