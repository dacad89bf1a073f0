/* groovefs umount MOUNTPOINT */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/mountpoint.h"

#include <string.h>

int umount_command(int argc, char **argv)
{
	auto_free char *path = NULL;

	if (argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		puts("Usage: groovefs umount MOUNTPOINT\n"
		     "\n"
		     "Unmounts it, also when its daemon has died.\n"
		     "\n"
		     "  -h, --help               print this help");
		return EXIT_DONE;
	}
	if (argc == 2 && argv[1][0] == '-') {
		log_error("unknown option '%s'; see 'groovefs umount --help'",
			  argv[1]);
		return EXIT_USAGE;
	}
	if (argc != 2) {
		log_error("a mountpoint is needed; see 'groovefs --help'");
		return EXIT_USAGE;
	}
	path = mountpoint_path(argv[1]);
	if (!path)
		return EXIT_REFUSED;
	if (!mountpoint_is_ours(path)) {
		log_error("cannot unmount '%s': no groovefs is mounted there",
			  argv[1]);
		return EXIT_REFUSED;
	}
	return mountpoint_unmount(path, false) ? EXIT_REFUSED : EXIT_DONE;
}
