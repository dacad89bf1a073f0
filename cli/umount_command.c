/* groovefs umount [--lazy] MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/holders.h"
#include "cli/mountpoint.h"

#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: groovefs umount [--lazy] MOUNTPOINT\n"
	"\n"
	"Unmounts the file system, even if its daemon has died. If it is in\n"
	"use, it stays mounted, and the processes that use it are listed.\n";

static int check_umount(const struct arguments *arguments, int count,
			char **words)
{
	if (count == 0)
		return arguments_refuse(arguments, "a mountpoint is needed");
	return count > 1 ? arguments_refuse_word(arguments, words[1]) : 0;
}

static int run_umount(void *context, char **words)
{
	auto_free char *path = mountpoint_path(words[0]);
	const bool *lazy = context;

	if (!path)
		return EXIT_REFUSED;
	if (!mountpoint_is_ours(path)) {
		log_error("cannot unmount '%s': no groovefs is mounted there",
			  words[0]);
		return EXIT_REFUSED;
	}
	/* the caller's own current folder does not keep the mount busy */
	if (chdir("/") == 0 && mountpoint_unmount(path, *lazy) == 0)
		return EXIT_DONE;
	if (!*lazy)
		holders_tell(path);
	return EXIT_REFUSED;
}

int umount_command(int argc, char **argv)
{
	bool lazy = false;
	const struct argument own[] = {
		{"lazy", 'l', NULL,
		 "unmount it even if it is in use: it disappears now, and its "
		 "daemon ends when nobody uses it any more",
		 .flag = &lazy},
		{0},
	};
	const struct arguments arguments = {
		.command = "umount",
		.usage = usage,
		.own = own,
		.check = check_umount,
		.run = run_umount,
		.context = &lazy,
	};

	return arguments_run(&arguments, argc, argv);
}
