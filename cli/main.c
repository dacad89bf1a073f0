/* The program: finds the command. */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "base/home.h"
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>

static int help_command(int argc, char **argv);

static int version_command(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") != 0) {
		log_error("unexpected argument '%s'; see 'groovefs --help'",
			  argv[1]);
		return EXIT_USAGE;
	}
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
	{"version", version_command},	{"analyse", analyze_command},
	{"--help", help_command},	{"-h", help_command},
	{"--version", version_command}, {"unmount", umount_command},
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands), WORD_MAX = 32 };

static const struct command *find_command(const char *name)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* Letters to add, remove or change (Levenshtein), of words up to WORD_MAX. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	size_t n = strlen(b);

	for (unsigned i = 0; i <= n; i++)
		row[i] = i;
	for (unsigned line = 1; *a; a++, line++) {
		unsigned before = row[0];

		row[0] = line;
		for (size_t i = 1; i <= n; i++) {
			unsigned change = before + (*a != b[i - 1]);

			before = row[i];
			row[i] = MIN(change, MIN(row[i], row[i - 1]) + 1);
		}
	}
	return row[n];
}

/* The nearest command that shares more than a letter or two. */
static int refuse_command(const char *word)
{
	const char *nearest = NULL;
	unsigned least = (unsigned)MIN(3, strlen(word));

	if (*word == '-') {
		log_error("unknown option '%s'; see 'groovefs --help'", word);
		return EXIT_USAGE;
	}

	for (unsigned i = 0; strlen(word) < WORD_MAX && i < COMMANDS; i++) {
		unsigned d = distance(word, commands[i].name);

		if (d < least) {
			nearest = commands[i].name;
			least = d;
		}
	}
	if (nearest)
		log_error("unknown command '%s': did you mean '%s'? See "
			  "'groovefs --help'",
			  word, nearest);
	else
		log_error("unknown command '%s'; see 'groovefs --help'", word);
	return EXIT_USAGE;
}

static int help_command(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	char help[] = "--help";
	/* "help cache ls" is "cache ls --help" */
	bool is_long = argc > 2 && command && command->run == cache_command;
	char *of_command[] = {argc > 1 ? argv[1] : NULL,
			      is_long ? argv[2] : help, is_long ? help : NULL,
			      NULL};

	if (argc > 1 && !command)
		return refuse_command(argv[1]);
	if (command && command->run != help_command)
		return command->run(is_long ? 3 : 2, of_command);
	puts("Usage: groovefs COMMAND ...\n"
	     "\n"
	     "  mount [-f] [-o SETTING=VALUE,...] LIBRARY MOUNTPOINT\n"
	     "  umount MOUNTPOINT\n"
	     "  precache [-q QUALITY,...] [--library DIR] PATH...\n"
	     "  analyze [-j N] [--csv | --json | --jsonl] PATH...\n"
	     "  explain [--library DIR] [--json | --jsonl] PATH...\n"
	     "  cache stats | verify | clear | ls\n"
	     "  config [--json | --jsonl | --save]\n"
	     "\n"
	     "'groovefs COMMAND --help' has more. As a mount helper, for\n"
	     "mount -t fuse.groovefs and fstab:\n"
	     "\n"
	     "  groovefs LIBRARY MOUNTPOINT [-o SETTING=VALUE,...]");
	return EXIT_DONE;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		log_error("a command is needed; see 'groovefs --help'");
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	if (command)
		return command->run(argc - 1, argv + 1);
	/* mount(8) knows no commands: it passes the two folders first */
	if (argc >= 3 && (strchr(argv[1], '/') || is_folder(argv[1])))
		return mount_command(argc, argv);
	return refuse_command(argv[1]);
}

/* A shell expands "~" only at the start of a word, so not in "--cache=~/x". */
static char *expand_word(const char *word)
{
	const char *value =
		strncmp(word, "--", 2) == 0 ? strstr(word, "=~") : NULL;
	auto_free char *path = value ? home_expand(value + 1) : NULL;
	char *expanded;

	if (!path)
		return strdup(word);
	return asprintf(&expanded, "%.*s%s", (int)(value + 1 - word), word,
			path) < 0
		       ? NULL
		       : expanded;
}

int main(int argc, char **argv)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	int status = EXIT_REFUSED;
	int done = 0;

	while (words && done < argc && (words[done] = expand_word(argv[done])))
		done++;
	if (words && done == argc)
		status = run(argc, words);
	else
		log_error("cannot start: %s", strerror(ENOMEM));
	while (done > 0)
		free(words[--done]);
	free(words);
	return status;
}
