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
	const char *library;   /* NULL: a mount does it */
	const char *mount;     /* NULL: the one that the paths lie in */
	const char *qualities; /* NULL: the usual one */
	bool watch;
	bool quiet; /* only errors are told */
	enum format format;

	/* what became of it */
	struct rows rows;
	struct progress progress;
	size_t tracks[PRECACHE_FAILED + 1];
	size_t missing;
	uint64_t evicted; /* entries that had to go */
	bool full;	  /* something found no room at all */
	bool stopped;	  /* by a signal */
};

/* Tells what became of a track, or of a path that there is not. */
void precache_tell(struct precache_command *p, const struct outcome *outcome);

/*
 * The work, without a mount and by a mount. -errno after a log line; 0 also
 * when something failed, which is counted.
 */
int precache_alone(struct precache_command *p, char **paths);
int precache_by_mount(struct precache_command *p, char **paths);

#endif
