/* groovefs mount [-f] [-o setting=value,...] LIBRARY MOUNTPOINT */
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

static void print_mount_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs mount [-f] [-o SETTING=VALUE,...] LIBRARY "
	     "MOUNTPOINT\n"
	     "\n"
	     "Mounts a music library: original/ shows it as it is; high/,\n"
	     "medium/ and low/ (or the qualities of the configuration file)\n"
	     "show its lossless files as MP3.\n"
	     "\n"
	     "  -f, --foreground         stay in the foreground, log to "
	     "stderr\n"
	     "  -o SETTING=VALUE,...     settings, see below\n"
	     "      --config FILE        read this file instead of\n"
	     "                           /etc/groovefs.conf and\n"
	     "                           ~/.config/groovefs/config\n"
	     "  -h, --help               print this help\n"
	     "\n"
	     "Settings (SIZE: 500M, 10G; TIME: 12h, 30d). They can also be\n"
	     "lines of a configuration file, or environment variables such as\n"
	     "GROOVEFS_CACHE_SIZE; 'groovefs config' prints them:");
	settings_print_help();
	puts("  allow_other, ...           FUSE's own options are passed on");
}

/* Absolute, since a daemon leaves the folder that it was started in. */
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

/* What was wrong until now was for who started it. */
static void mounted(void *arg)
{
	const struct mounting *mounting = arg;
	enum log_target target = mounting->options.log_target;

	if (target == LOG_TARGET_SYSLOG ||
	    (target == LOG_TARGET_AUTO && !mounting->foreground))
		log_to_syslog();
	daemonize_ready(target == LOG_TARGET_STDERR);
}

/* They may be automounts themselves; of the cache only its parents exist. */
static int visit_places(const struct mounting *mounting, const char *library)
{
	int err = daemonize_visit(library);

	return err ? err
		   : daemonize_visit(mounting->options.fs.core.backend.cache);
}

static int run_mount(struct mounting *mounting, char **paths)
{
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
	/* a terminal that is closed ends what runs in it */
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

static const struct option longs[] = {
	{"foreground", no_argument, NULL, 'f'},
	ARGUMENTS_LONGS,
	{0},
};

static int take_mount_option(void *context, int letter)
{
	struct mounting *mounting = context;

	if (letter != 'f')
		return ARGUMENT_UNKNOWN;
	mounting->foreground = true;
	return 0;
}

/* The daemon reads it again, from another folder. */
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

/* 0, or an exit status + 1 */
static int parse_mount(struct mounting *mounting, int argc, char **argv)
{
	const struct arguments arguments = {
		.command = "mount",
		.letters = ARGUMENTS_LETTERS "f",
		.longs = longs,
		.options = &mounting->options,
		.print_help = print_mount_help,
		.take = take_mount_option,
		.context = mounting,
	};
	int status = arguments_take(&arguments, argc, argv);

	if (!status && argc - optind > 2)
		status = arguments_refuse_word(&arguments, argv[optind + 2]);
	if (!status && argc - optind < 2)
		status = arguments_refuse(
			&arguments, "a library and a mountpoint are needed");
	if (!status)
		status = find_config(mounting);
	if (!status && options_load(&mounting->options) != 0)
		status = EXIT_USAGE + 1;
	return status;
}

int mount_command(int argc, char **argv)
{
	struct mounting mounting = {0};
	int status = EXIT_REFUSED;

	if (options_init(&mounting.options) == 0) {
		status = parse_mount(&mounting, argc, argv);
		if (status)
			status--;
		else
			status = run_mount(&mounting, argv + optind);
	}
	options_release(&mounting.options);
	free(mounting.config_file);
	return status;
}
