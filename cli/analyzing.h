/*
 * Analyzes files without a mount: with the same engine and the same cache,
 * several files at a time.
 */
#ifndef CLI_ANALYZING_H
#define CLI_ANALYZING_H

#include "cli/files.h"
#include "fs/fs.h"

#include <stdbool.h>

/* The result for a file. Valid during the call. */
struct analyzed {
	const char *path;
	struct facts facts;		  /* all 0: unknown */
	struct measures measures;	  /* unless it failed */
	char failure[SIDECAR_REASON_MAX]; /* the reason, "": it did not fail */
	bool logged;			  /* the engine has logged it already */
	bool known;			  /* it was analyzed before */
};

struct analyzing_reports {
	/* In the order of the files. */
	void (*result)(void *arg, const struct analyzed *analyzed);

	/* One is done, with this many seconds of music, in any order. */
	void (*step)(void *arg, double seconds);
	void *arg;
};

/*
 * Analyzes all files, `at_once` at a time. Reports come on this thread.
 * -ECANCELED: SIGINT or SIGTERM came (the caller has blocked them); files
 * without a report are unchanged. -ENOMEM. Stops the backend in any case.
 */
int analyzing_run(struct backend *backend, const struct files *files,
		  unsigned at_once, const struct analyzing_reports *reports);

#endif
