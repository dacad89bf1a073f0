/* groovefs umount MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/mountpoint.h"

#include <string.h>

static void print_umount_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs umount MOUNTPOINT\n"
	     "\n"
	     "Unmounts it, also when its daemon has died.\n"
	     "\n"
	     "  -h, --help               this text");
}

static const struct option longs[] = {
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* 0, or an exit status + 1 */
static int parse_umount(int argc, char **argv)
{
	const struct arguments arguments = {
		.command = "umount",
		.letters = "h",
		.longs = longs,
		.print_help = print_umount_help,
	};
	int status = arguments_take(&arguments, argc, argv);

	if (!status && optind == argc)
		status = arguments_refuse(&arguments, "a mountpoint is needed");
	if (!status && argc - optind > 1)
		status = arguments_refuse_word(&arguments, argv[optind + 1]);
	return status;
}

int umount_command(int argc, char **argv)
{
	auto_free char *path = NULL;
	int status = parse_umount(argc, argv);

	if (status)
		return status - 1;
	argv += optind;
	path = mountpoint_path(argv[0]);
	if (!path)
		return EXIT_REFUSED;
	if (!mountpoint_is_ours(path)) {
		log_error("cannot unmount '%s': no groovefs is mounted there",
			  argv[0]);
		return EXIT_REFUSED;
	}
	return mountpoint_unmount(path, false) ? EXIT_REFUSED : EXIT_DONE;
}
