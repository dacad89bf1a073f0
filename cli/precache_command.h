/* `groovefs precache`: what its two ways of working share. */
#ifndef CLI_PRECACHE_COMMAND_H
#define CLI_PRECACHE_COMMAND_H

#include "cli/arguments.h"
#include "cli/progress.h"
#include "cli/rows.h"
#include "fs/fs.h"

#include <stdbool.h>
#include <stdint.h>

struct precache_command {
	struct mount_options options;
	const char *library;   /* NULL: a mount does the work */
	const char *mount;     /* NULL: the one that the paths are in */
	const char *qualities; /* NULL: the default */
	bool watch;
	bool quiet; /* print errors only */
	enum format format;

	/* outcomes */
	struct rows rows;
	struct progress progress;
	size_t tracks[PRECACHE_FAILED + 1];
	size_t missing;
	uint64_t evicted; /* evicted entries */
	bool full;	  /* something did not fit at all */
	bool stopped;	  /* by a signal */
};

/* Reports the outcome for a track, or for a path that does not exist. */
void precache_tell(struct precache_command *p, const struct outcome *outcome);

/*
 * The work, without a mount and by a mount. -errno after a log line; also 0 if
 * something failed, which is counted.
 */
int precache_alone(struct precache_command *p, char **paths);
int precache_by_mount(struct precache_command *p, char **paths);

#endif
