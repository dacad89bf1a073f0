/* The front door of fs/: a mounted library. */
#ifndef FS_FS_H
#define FS_FS_H

#include "cache/cache.h"

#include <stdbool.h>

struct fs_options {
	const char *library;
	const char *mountpoint;
	const char *cache;	  /* NULL: $XDG_CACHE_HOME/groovefs */
	const char *fuse_options; /* for libfuse, comma-separated; "" */
	const char *worker_path;  /* NULL: beside this program */
	struct store_limits limits;
	uint64_t memory;      /* bytes for decoded audio */
	uint64_t spill;	      /* bytes on disk for what does not fit there */
	const char *decoded;  /* views to list in pcm/, by ':'; NULL */
	bool decoded_on_disk; /* keep decoded audio in the cache, too */
	struct resident_config resident; /* analyses in memory */
	bool analyze_on_play;
	unsigned workers;
	unsigned worker_timeout; /* seconds */
};

/*
 * Checks everything, mounts, calls `ready` once the mount answers, and serves
 * until it is unmounted or a SIGTERM, SIGINT or SIGHUP comes. Returns 0, or
 * -errno after one log line that says what was wrong.
 */
int fs_serve(const struct fs_options *options, void (*ready)(void *arg),
	     void *arg);

#endif
