/* The front door of fs/: a mounted library. */
#ifndef FS_FS_H
#define FS_FS_H

#include "tasks/tasks.h"

#include <stdbool.h>
#include <stdint.h>

/* What may change while a mount runs. */
struct fs_live {
	struct store_limits limits;
	bool analyze_on_play;
};

enum { FS_AS_SOURCE = -1 };

/*
 * The owner and the permissions of all that is shown: FS_AS_SOURCE, or one for
 * all.
 */
struct fs_rights {
	int64_t uid;
	int64_t gid;
	int umask; /* the bits to clear */
	int fmask; /* the same for files, and for folders: */
	int dmask; /* before umask */
};

struct fs_options {
	struct core_options core;
	const char *fuse_options; /* for libfuse, comma-separated; "" */
	bool nosymfollow;	  /* those of mount(8) that libfuse does not
				     know */
	bool analyze_on_play;	  /* and not only when a sidecar is read */
	struct fs_rights rights;
	const char *precache;	 /* names of qualities, separated by ':';
				    NULL: none */
	const char *config_text; /* all settings in force; NULL: unknown */

	/*
	 * Called at SIGHUP: reads the configuration again and fills in what a
	 * running mount can apply. -errno after a log line. NULL: SIGHUP ends
	 * the mount.
	 */
	int (*reload)(void *context, struct fs_live *live);
	void *reload_context;
};

/*
 * Checks everything, mounts, calls `ready` once the mount answers, and serves
 * it until it is unmounted or SIGTERM or SIGINT comes. Returns 0, or -errno
 * after one log line that says what was wrong.
 */
int fs_serve(const struct fs_options *options, void (*ready)(void *arg),
	     void *arg);

#endif
