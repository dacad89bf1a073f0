/*
 * The catalog: a library and the views that show it. Mounts serve it, and
 * commands without a mount read it.
 */
#ifndef LIBRARY_CATALOG_H
#define LIBRARY_CATALOG_H

#include "library/view.h"

#include <stdbool.h>

struct engine;
struct library;

struct catalog_options {
	const char *library;
	bool follow_links;    /* links that lead out of the library */
	const char *decoded;  /* views to list in pcm/, separated; NULL: none */
	bool decoded_on_disk; /* keep decoded audio in the cache, too */

	const struct profile *qualities; /* the mount's folders, in order */
	unsigned quality_count;		 /* up to PROFILES_MAX */
	const char *lossless;		 /* see sources.h; NULL: all */
	uint32_t transcode_lossy_above;	 /* kbit/s; 0: never */
};

struct catalog {
	struct library *library;
	const char *path; /* of the library, absolute */
	struct views views;
	struct engine *engine; /* knows facts; NULL until it has been started */
	bool shared;	       /* other users have access, as in the library */
};

/*
 * Sets up all but the engine. `options` must outlive it. 0, or -errno after one
 * log line. catalog_close() is safe in any case.
 */
int catalog_open(struct catalog *catalog,
		 const struct catalog_options *options);
void catalog_close(struct catalog *catalog);

#endif
