/*
 * The engine: who renders what, and when. Requests that must wait are parked
 * and answered from a slot's thread; no caller ever blocks on a decoder.
 *
 * Order of service: a waiting reader; then one who waits for what takes long
 * (an analysis); then facts asked for ahead of time; then what follows the
 * position of a file that is being played; then the rest of it; then the next
 * track; then analyses ahead; then what is cached ahead of time. The first has
 * workers of its own, everything else runs in others, at idle scheduling
 * priority unless somebody waits for it.
 */
#ifndef TRANSCODE_ENGINE_H
#define TRANSCODE_ENGINE_H

#include "base/file_id.h"
#include "cache/cache.h"

#include <stdbool.h>
#include <stdio.h>

struct engine;

struct engine_config {
	struct store *store;   /* must outlive the engine, like the blocks */
	struct blocks *blocks; /* of decoded audio */
	struct resident *resident; /* of analyses */
	unsigned workers;	   /* at least 1; as many again in background */
	unsigned timeout; /* seconds of silence until a worker is killed */
	const char *worker_path; /* the groovefs-worker program; copied */

	/* Opens a file of the library for reading: a descriptor or -errno. */
	int (*open_source)(void *context, const char *path);
	void *context;
};

/*
 * Starts the first worker to see that it can be: -errno when not, and then
 * one line was logged.
 */
int engine_create(const struct engine_config *config, struct engine **engine);

/*
 * Answers every parked request with -EIO and ends all workers; what is asked
 * from then on is answered with -EIO at once. May be called twice.
 */
void engine_stop(struct engine *engine);

/* Stops it. All renditions must have been released. */
void engine_destroy(struct engine *engine); /* NULL is allowed */

/* 0 and the facts, or -ENOENT; never waits for a worker. */
int engine_facts_known(struct engine *engine, const struct file_id *id,
		       struct facts *facts);

/* Called once, on any thread, perhaps before the asking call returns. */
typedef void engine_facts_fn(void *arg, int err, const struct facts *facts);

/*
 * Finds out about a file. A file that cannot be decoded is no error: its facts
 * say FACTS_BROKEN. Errors are -ESTALE (the file is another version by now),
 * those of open_source, -ENOMEM. `fn` may be NULL: then the answer is only
 * remembered, and the question waits behind every reader.
 */
void engine_facts_ask(struct engine *engine, const char *path,
		      const struct file_id *id, engine_facts_fn *fn, void *arg);

/* "workers": {...}, "queue": {...} as members of a JSON object. */
void engine_print_status(struct engine *engine, FILE *out);

#endif
