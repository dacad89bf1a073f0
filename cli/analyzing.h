/*
 * Analyzing files without a mount: the same engine and the same cache, some
 * files at a time.
 */
#ifndef CLI_ANALYZING_H
#define CLI_ANALYZING_H

#include "cli/files.h"
#include "fs/fs.h"

#include <stdbool.h>

/* What became of a file. Valid during the call. */
struct analyzed {
	const char *path;
	struct facts facts;		  /* all 0: nothing is known of it */
	struct measures measures;	  /* unless it failed */
	char failure[SIDECAR_REASON_MAX]; /* why; "": it did not */
	bool logged;			  /* the engine has said so */
	bool known;			  /* it had been analyzed before */
};

struct analyzing_reports {
	/* In the order of the files. */
	void (*result)(void *arg, const struct analyzed *analyzed);

	/* One is done, of so many seconds, in any order. */
	void (*step)(void *arg, double seconds);
	void *arg;
};

/*
 * Analyzes all, `at_once` at a time. Reports come on this thread.
 * -ECANCELED: SIGINT or SIGTERM came, which the caller has blocked; those not
 * reported are as they were. -ENOMEM. The backend is stopped in any case.
 */
int analyzing_run(struct backend *backend, const struct files *files,
		  unsigned at_once, const struct analyzing_reports *reports);

#endif
