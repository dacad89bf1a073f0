/* What the commands 'groovefs cache ...' get. */
#ifndef CLI_CACHE_COMMAND_H
#define CLI_CACHE_COMMAND_H

#include "cli/arguments.h"

#include <stdbool.h>

struct cache_arguments {
	const char *directory; /* of the cache */
	enum format format;
	bool repair;	       /* verify */
	bool dry_run;	       /* clear */
	const char *qualities; /* clear: comma-separated; NULL: all */
	bool aged;	       /* clear: only entries older than `age` */
	uint64_t age;	       /* seconds */
	char **paths;	       /* clear: NULL-terminated; none: all */
};

/* Each returns the program's exit status. */
int cache_stats(const struct cache_arguments *arguments,
		struct inspection *inspection);
int cache_verify(const struct cache_arguments *arguments,
		 struct inspection *inspection);
int cache_clear(const struct cache_arguments *arguments,
		struct inspection *inspection);
int cache_ls(const struct cache_arguments *arguments,
	     struct inspection *inspection);

#endif
