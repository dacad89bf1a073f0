/*
 * What is behind a mount, and behind commands that need none: the cache, the
 * pool of decoded audio, and the engine with its workers.
 */
#ifndef TASKS_BACKEND_H
#define TASKS_BACKEND_H

#include "cache/cache.h"
#include "transcode/transcode.h"

struct backend_options {
	const char *cache;	 /* NULL: $XDG_CACHE_HOME/groovefs */
	const char *worker_path; /* NULL: beside this program */
	struct store_limits limits;
	uint64_t pool_size; /* bytes of RAM for decoded audio */
	uint64_t spill;	    /* bytes of disk for what does not fit there */
	struct resident_config resident; /* of recent analyses */
	struct tag_style tag_style;
	unsigned workers;
	unsigned worker_timeout; /* seconds */
	unsigned cover_max; /* maximum side of pictures in pixels, 0: any */
};

struct backend {
	struct store *store;
	struct blocks *blocks;	   /* of decoded audio */
	struct pressure *pressure; /* adjusts the budget of `blocks` */
	struct resident *resident; /* recent analyses */
	struct engine *engine;

	/* to be set before backend_start(), or NULL: see engine.h */
	rendition_progress_fn *progress;
	void *progress_context;
};

/*
 * Whether the cache's folder, if it exists, is safe from other users; -EPERM
 * after a log line: it is not.
 */
int backend_trust_cache(const char *cache);

/*
 * The path of the cache, absolute, on the heap: `wanted`, else
 * $XDG_CACHE_HOME/groovefs, else ~/.cache/groovefs. NULL: neither is known.
 */
char *backend_cache_path(const char *wanted);

/*
 * Sets up all but the engine. The cache must not be below `library` and
 * `mountpoint`, which may be NULL. 0, or -errno after a log line.
 * backend_close() is safe in any case.
 */
int backend_open(struct backend *backend, const struct backend_options *options,
		 const char *library, const char *mountpoint);

/* Starts the engine: `open_source` and `context` as in struct engine_config. */
int backend_start(struct backend *backend,
		  const struct backend_options *options,
		  int (*open_source)(void *context, const char *path),
		  void *context);

/* Answers everybody who waits, and ends the workers. May be called twice. */
void backend_stop(struct backend *backend);

/* Call it after that; all renditions have been released. */
void backend_close(struct backend *backend);

#endif
