/*
 * The options of a mount, and of commands that work on its cache: ours from all
 * their sources, and those that are passed on to libfuse. A later source
 * overrides an earlier one:
 *
 *   built in -> /etc/groovefs.conf -> $XDG_CONFIG_HOME/groovefs/config
 *            -> environment GROOVEFS_SETTING -> -o setting=value
 *
 * A file that is named (--config, else GROOVEFS_CONFIG) replaces both.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/log.h"
#include "cli/settings/quality.h"
#include "cli/settings/settings.h"
#include "fs/fs.h"

enum log_target {
	LOG_TARGET_AUTO, /* stderr in the foreground, otherwise syslog */
	LOG_TARGET_STDERR,
	LOG_TARGET_SYSLOG,
};

/* Must not be copied: it contains pointers into itself. */
struct mount_options {
	/* the result, after options_load() */
	struct fs_options fs;
	enum log_level log_level;
	enum log_target log_target;

	/* where each comes from */
	const char *config_file; /* --config; NULL */
	bool without_environment;
	/* --cache and -j, which come before all other sources; NULL, 0 */
	const char *cache;
	unsigned workers;
	struct given given[SETTINGS_MAX]; /* by setting */
	struct qualities qualities;
	char *words; /* the words of all -o, comma-separated */

	char *fuse;	   /* fs.fuse_options points to it */
	char *config_text; /* fs.config_text points to it */
};

/* 0 or -ENOMEM. options_release() is safe in any case. */
int options_init(struct mount_options *options);
void options_release(struct mount_options *options);

/* The user's configuration file, on the heap; NULL: no such folder is known. */
char *options_user_file(void);

/*
 * Takes the "name=value,name,..." of an -o, for options_load(). 0 or -ENOMEM.
 */
int options_add(struct mount_options *options, const char *list);

/*
 * Call it when all arguments have been taken: reads all sources. 0, or -EINVAL
 * after a log line that names the source and says what would be right; -ENOMEM.
 */
int options_load(struct mount_options *options);

/* Sets one of ours; `origin` says who asked for it. Returns the same. */
int options_set(struct mount_options *options, const struct setting *setting,
		const char *value, const char *origin);

#endif
