/*
 * A job: one thing for a worker to make, and all who wait for it. There is at
 * most one job for one thing at any time, so nothing is rendered twice.
 *
 *    QUEUED  -> RUNNING   jobs_take(), by a slot
 *    RUNNING -> QUEUED    its worker died: a second try
 *    RUNNING -> gone      done or given up; all who wait are woken
 *
 * A table of jobs has no lock of its own: the engine's protects it.
 */
#ifndef TRANSCODE_ENGINE_JOB_H
#define TRANSCODE_ENGINE_JOB_H

#include "base/file_id.h"
#include "cache/cache.h"
#include "transcode/engine/asker.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/queue.h>

struct rendition;
struct slot;
struct wait;

TAILQ_HEAD(wait_list, wait);

/*
 * Somebody who waits for a job. wake() is called exactly once for each time it
 * was parked, without any lock; the wait may then be freed or parked again.
 */
struct wait {
	TAILQ_ENTRY(wait) link;
	TAILQ_ENTRY(wait) of_rendition; /* while it is parked */
	struct asker asker;
	uint64_t need; /* wake when this many bytes of the segment are there */
	struct rendition *rendition; /* NULL for facts */
	void (*wake)(struct wait *wait, int err, const struct facts *facts);
};

enum job_kind { JOB_PROBE = 1, JOB_TAG, JOB_SEGMENT, JOB_BLOCK };

/* The identity of a job; compared as bytes, so clear it first. */
struct job_id {
	uint32_t kind; /* enum job_kind */
	uint32_t segment;
	const struct entry *entry; /* TAG and SEGMENT */
	struct file_id file;	   /* PROBE */
	struct key stream;	   /* BLOCK */
};

/* `file` or `stream` is for the caller to fill in. */
static inline struct job_id
job_id_of(enum job_kind kind, const struct entry *entry, uint32_t segment)
{
	struct job_id id;

	memset(&id, 0, sizeof(id));
	id.kind = kind;
	id.entry = entry;
	id.segment = segment;
	return id;
}

/* Slots for readers serve only the first, the others the rest in order. */
enum job_queue {
	QUEUE_READERS, /* somebody waits, and it is quick */
	QUEUE_SLOW,    /* somebody waits, and it takes seconds */
	QUEUE_AHEAD,   /* facts that somebody may soon need */
	QUEUE_LAST,    /* precaching; after all filling */
	QUEUES
};

struct job {
	struct job_id id; /* immutable, like path and rendition */
	char *path;	  /* PROBE: the file */
	struct rendition *rendition;

	/* the engine's lock */
	bool urgent;   /* somebody waits, or did */
	int64_t asked; /* when somebody last asked for it, or gave up, in ns */
	unsigned tries;
	struct slot *slot; /* while RUNNING */
	struct wait_list waits;
	TAILQ_ENTRY(job) link; /* while QUEUED */
};

struct jobs;

struct jobs *jobs_create(void);	      /* NULL: no memory */
void jobs_destroy(struct jobs *jobs); /* it must be empty; NULL is allowed */

struct job *jobs_find(struct jobs *jobs, const struct job_id *id);

/*
 * Adds a QUEUED job. Copies `path`, takes references. NULL: no memory.
 */
struct job *jobs_add(struct jobs *jobs, const struct job_id *id,
		     const char *path, struct rendition *rendition,
		     bool urgent);

/* Somebody waits for it now. Moves it to another queue if QUEUED. */
void jobs_hurry(struct jobs *jobs, struct job *job);

/* The version of the source that it is made from. */
const struct file_id *job_file(const struct job *job);

enum job_queue job_queue(const struct job *job);

/*
 * Removes the oldest job of a queue that fits (NULL: any); NULL: there is none.
 */
typedef bool job_fits_fn(const struct job *job, const struct slot *slot);
struct job *jobs_take(struct jobs *jobs, enum job_queue queue,
		      job_fits_fn *fits, const struct slot *slot);

/* Removes a certain QUEUED job from its queue. */
void jobs_claim(struct jobs *jobs, struct job *job);

/* Puts it back to the front of its queue. */
void jobs_requeue(struct jobs *jobs, struct job *job);

/* Any QUEUED job, for the cleanup; NULL: there is none. */
struct job *jobs_first(struct jobs *jobs);

/*
 * Removes it from the table. The caller frees it with job_free() outside the
 * lock.
 */
void jobs_remove(struct jobs *jobs, struct job *job);
void job_free(struct job *job);

uint32_t jobs_queued(const struct jobs *jobs, enum job_queue queue);

#endif
