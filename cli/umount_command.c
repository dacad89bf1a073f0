/* groovefs umount [--lazy] MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/holders.h"
#include "cli/mountpoint.h"

#include <string.h>
#include <unistd.h>

static void print_umount_help(const void *context)
{
	(void)context;
	puts("Usage: groovefs umount [--lazy] MOUNTPOINT\n"
	     "\n"
	     "Unmounts the file system, even if its daemon has died. If it is\n"
	     "in use, it stays mounted, and the processes that use it are\n"
	     "listed.\n"
	     "\n"
	     "  -l, --lazy               unmount it even if it is in use: it\n"
	     "                           disappears now, and its daemon ends\n"
	     "                           when nobody uses it any more\n"
	     "  -h, --help               print this help");
}

static const struct option longs[] = {
	{"lazy", no_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int take(void *context, int letter)
{
	bool *lazy = context;

	if (letter != 'l')
		return ARGUMENT_UNKNOWN;
	*lazy = true;
	return 0;
}

/* 0, or an exit status + 1 */
static int parse_umount(int argc, char **argv, bool *lazy)
{
	const struct arguments arguments = {
		.command = "umount",
		.letters = "hl",
		.longs = longs,
		.print_help = print_umount_help,
		.take = take,
		.context = lazy,
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
	bool lazy = false;
	int status = parse_umount(argc, argv, &lazy);

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
	/* who calls this from a folder in it does not keep it busy thereby */
	if (chdir("/") == 0 && mountpoint_unmount(path, lazy) == 0)
		return EXIT_DONE;
	if (!lazy)
		holders_tell(path);
	return EXIT_REFUSED;
}
