/*
 * The catalog: a library and the views in which it is shown. What a mount
 * serves and what commands without one look at.
 */
#ifndef LIBRARY_CATALOG_H
#define LIBRARY_CATALOG_H

#include "library/view.h"

#include <stdbool.h>

struct engine;
struct library;

struct catalog_options {
	const char *library;
	bool follow_links;    /* that lead out of the library */
	const char *decoded;  /* views to list in pcm/: a list; NULL */
	bool decoded_on_disk; /* keep decoded audio in the cache, too */

	const struct profile *qualities; /* their folders, in this order */
	unsigned quality_count;		 /* up to PROFILES_MAX */
	const char *lossless; /* what counts as such (sources.h); NULL: all */
	uint32_t transcode_lossy_above; /* kbit/s; 0: never */
};

struct catalog {
	struct library *library;
	const char *path; /* of the library, absolute */
	struct views views;
	struct engine *engine; /* knows facts; NULL until it is started */
	bool shared;	       /* others may look, as in the library */
};

/*
 * All but the engine. `options` must outlive it. 0, or -errno after one log
 * line. catalog_close() is right in any case.
 */
int catalog_open(struct catalog *catalog,
		 const struct catalog_options *options);
void catalog_close(struct catalog *catalog);

#endif
