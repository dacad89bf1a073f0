/*
 * The engine: who renders what, and when. Requests that must wait are parked
 * and answered from a slot's thread; no caller ever blocks on a decoder.
 *
 * Priorities: a waiting reader; then one that waits for something that takes
 * long (an analysis); then prefetched facts; then what follows the position of
 * a file that is being played; then the rest of it; then the next track; then
 * prefetched analyses; then precaching. The first has workers of its own. All
 * others share another set, at idle scheduling priority unless somebody waits.
 */
#ifndef TRANSCODE_ENGINE_ENGINE_H
#define TRANSCODE_ENGINE_ENGINE_H

#include "base/file_id.h"
#include "cache/cache.h"
#include "transcode/engine/asker.h"
#include "transcode/plan/tag_style.h"

#include <stdbool.h>
#include <stdio.h>

struct engine;
struct json;

enum progress_state {
	PROGRESS_PENDING, /* a reader waits, no worker has begun it */
	PROGRESS_RUNNING,
	PROGRESS_COMPLETED,
	PROGRESS_FAILED,
	PROGRESS_LEFT, /* nobody wants the rest any more */
};

/*
 * The progress of something that takes a while. Texts are valid during the
 * call.
 */
struct rendition_progress {
	enum progress_state state;
	bool open;	   /* public: everybody may be told of it */
	bool analysis;	   /* else the filling of a rendition */
	struct key key;	   /* of its bytes: one task for all that share them */
	const char *path;  /* of the source, in the library */
	const char *shown; /* in the mount, "low/Song.mp3"; NULL: unknown */
	const char *profile; /* its name */
	unsigned run;	     /* the same from pending to the end */
	uint32_t there;	     /* segments, of `all` */
	uint32_t all;
	const char *reason; /* FAILED; else NULL */
};

typedef void rendition_progress_fn(void *context,
				   const struct rendition_progress *progress);

struct engine_config {
	struct store *store;   /* must outlive the engine, like the blocks */
	struct blocks *blocks; /* for decoded audio */
	struct resident *resident; /* for recent analyses */
	unsigned workers;	   /* at least 1; background work has as many */
	struct tag_style tag_style;
	unsigned cover_max; /* maximum side of a picture in pixels, 0: any */
	unsigned timeout;   /* a worker that is silent for this many seconds
			       is killed */
	const char *worker_path; /* the groovefs-worker program; opened once */

	/* Opens a file of the library for reading: a descriptor or -errno. */
	int (*open_source)(void *context, const char *path);
	void *context;

	/*
	 * Told about analyses and about renditions that are filled, on any
	 * thread, one at a time and in order; so it must be quick and not call
	 * the engine. An end may be told twice. NULL: nobody listens.
	 */
	rendition_progress_fn *progress;
	void *progress_context;
};

/*
 * Starts the first worker to see that one can be started: -errno after one log
 * line if not.
 */
int engine_create(const struct engine_config *config, struct engine **engine);

/*
 * Answers every parked request with -EIO and ends all workers; later requests
 * are answered with -EIO at once. May be called twice.
 */
void engine_stop(struct engine *engine);

/*
 * After engine_stop(): some of its threads hang with a source and will continue
 * when it answers. The process can only exit, and must free nothing that they
 * may use.
 */
bool engine_is_stuck(const struct engine *engine);

/* Stops it. All renditions must have been released. */
void engine_destroy(struct engine *engine); /* NULL is allowed */

/* 0 and the facts, or -ENOENT; never waits for a worker. */
int engine_facts_known(struct engine *engine, const struct file_id *id,
		       struct facts *facts);

/* Called once, on any thread, perhaps before the asking call returns. */
typedef void engine_facts_fn(void *arg, int err, const struct facts *facts);

/*
 * Asks for the facts of a file. A file that cannot be decoded is not an error:
 * its facts say FACTS_BROKEN. Errors are -ESTALE (the file has changed
 * meanwhile), those of open_source, -ENOMEM, and -ECANCELED: the asker did not
 * wait.
 */
void engine_facts_ask(struct engine *engine, const char *path,
		      const struct file_id *id, const struct asker *asker,
		      engine_facts_fn *fn, void *arg);

/* The same, only to be remembered; at lower priority than all readers. */
void engine_facts_ahead(struct engine *engine, const char *path,
			const struct file_id *id);

struct engine_status {
	unsigned workers;    /* living processes */
	unsigned busy;	     /* of them have a job in hand */
	unsigned urgent;     /* jobs that readers wait for */
	unsigned slow;	     /* the same, those that take long */
	unsigned last;	     /* of precaching */
	unsigned background; /* jobs that nobody waits for */
};

struct engine_status engine_status(struct engine *engine);

/* "workers": {...}, "queue": {...} as members of a JSON object. */
void engine_put_status(struct engine *engine, struct json *json);

#endif
