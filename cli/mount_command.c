/* groovefs mount [-f] [-o key=value,...] LIBRARY MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/daemonize.h"
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

static void print_help(void)
{
	puts("Usage: groovefs mount [-f] [-o key=value,...] LIBRARY "
	     "MOUNTPOINT\n"
	     "\n"
	     "Mounts a music library: original/ as it is, high/, medium/ and\n"
	     "low/ with its lossless files as MP3.\n"
	     "\n"
	     "  -f, --foreground         stay in the foreground, log to "
	     "stderr\n"
	     "  -o KEY=VALUE,...         options, see below\n"
	     "  -h, --help               this text\n"
	     "\n"
	     "Options (SIZE: 500M, 10G; TIME: 12h, 30d):");
	options_print_help();
	puts("  allow_other, ...         FUSE's own options are passed on");
}

static int usage(const char *reason)
{
	log_error("%s; see 'groovefs mount --help'", reason);
	return EXIT_USAGE;
}

static void mounted(void *arg)
{
	(void)arg;
	daemonize_ready();
}

/* Absolute, since a daemon leaves the folder that it was started in. */
static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

static int run(struct mount_options *options, bool foreground, char **paths)
{
	auto_free char *library = absolute(paths[0]);
	auto_free char *mountpoint = absolute(paths[1]);
	int err = 0;

	options->fs.library = library;
	options->fs.mountpoint = mountpoint;
	if (!library || !mountpoint)
		err = -ENOMEM;
	if (!err && !foreground)
		err = daemonize_begin();
	if (!err)
		return fs_serve(&options->fs, mounted, NULL) ? EXIT_REFUSED
							     : EXIT_DONE;
	log_error("cannot start: %s", strerror(-err));
	return EXIT_REFUSED;
}

/* 0, or an exit status + 1 */
static int parse(struct mount_options *options, bool *foreground, int argc,
		 char **argv)
{
	static const struct option longs[] = {
		{"foreground", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "fho:", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			*foreground = true;
			break;
		case 'o':
			if (options_parse(options, optarg) != 0)
				return EXIT_USAGE + 1;
			break;
		case 'h':
			print_help();
			return EXIT_DONE + 1;
		default:
			return usage("unknown argument") + 1;
		}
	}
	if (argc - optind != 2)
		return usage("a library and a mountpoint are needed") + 1;
	return 0;
}

int mount_command(int argc, char **argv)
{
	struct mount_options options;
	bool foreground = false;
	int status;

	if (options_init(&options) != 0)
		return EXIT_REFUSED;
	status = parse(&options, &foreground, argc, argv);
	if (status)
		status--;
	else
		status = run(&options, foreground, argv + optind);
	options_release(&options);
	return status;
}
