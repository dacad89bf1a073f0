/* The program: which command was meant. */
#include "cli/commands.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

static int help_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("Usage: groovefs COMMAND ...\n"
	     "\n"
	     "  mount [-f] [-o key=value,...] LIBRARY MOUNTPOINT\n"
	     "  umount MOUNTPOINT\n"
	     "  precache [-q QUALITY,...] [--library DIR] PATH...\n"
	     "  analyze [-j N] [--csv | --jsonl] PATH...\n"
	     "  explain [--library DIR] [--json] PATH...\n"
	     "  cache stats | verify | clear | ls\n"
	     "  config [--json]\n"
	     "\n"
	     "'groovefs COMMAND --help' tells more. As a mount helper, for\n"
	     "mount -t fuse.groovefs and fstab:\n"
	     "\n"
	     "  groovefs LIBRARY MOUNTPOINT [-o key=value,...]");
	return EXIT_DONE;
}

static int version_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("groovefs " GROOVEFS_VERSION);
	return EXIT_DONE;
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"mount", mount_command},	{"umount", umount_command},
	{"precache", precache_command}, {"analyze", analyze_command},
	{"cache", cache_command},	{"explain", explain_command},
	{"config", config_command},	{"help", help_command},
	{"--help", help_command},	{"-h", help_command},
	{"version", version_command},	{"--version", version_command},
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		log_error("a command is needed; see 'groovefs --help'");
		return EXIT_USAGE;
	}
	for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	/* mount(8) knows no commands: it gives the two folders first */
	if (argc >= 3 && (strchr(argv[1], '/') || argv[2][0] != '-'))
		return mount_command(argc, argv);
	log_error("unknown command '%s'; see 'groovefs --help'", argv[1]);
	return EXIT_USAGE;
}
