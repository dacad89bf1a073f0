/* The table of jobs: a search tree by id (libc's tsearch), and the queues. */
#include "transcode/engine/job.h"

#include "base/clock.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/rendition.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

TAILQ_HEAD(job_list, job);

struct jobs {
	void *tree;
	struct job_list queues[QUEUES];
	uint32_t queued[QUEUES];
};

struct jobs *jobs_create(void)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));

	if (!jobs)
		return NULL;
	for (unsigned i = 0; i < QUEUES; i++)
		TAILQ_INIT(&jobs->queues[i]);
	return jobs;
}

void jobs_destroy(struct jobs *jobs)
{
	assert(!jobs || !jobs->tree);
	free(jobs);
}

/* The id is a job's first member, so a search key may be either. */
static int compare_jobs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct job_id));
}

struct job *jobs_find(struct jobs *jobs, const struct job_id *id)
{
	struct job **found = tfind(id, &jobs->tree, compare_jobs);

	return found ? *found : NULL;
}

const struct file_id *job_file(const struct job *job)
{
	return job->rendition ? &job->rendition->track->id : &job->id.file;
}

enum job_queue job_queue(const struct job *job)
{
	if (!job->urgent)
		return job->id.kind == JOB_PROBE ? QUEUE_AHEAD : QUEUE_LAST;
	return job->rendition && plan_is_slow(&job->rendition->plan)
		       ? QUEUE_SLOW
		       : QUEUE_READERS;
}

static void enqueue(struct jobs *jobs, struct job *job, bool front)
{
	enum job_queue queue = job_queue(job);

	if (front)
		TAILQ_INSERT_HEAD(&jobs->queues[queue], job, link);
	else
		TAILQ_INSERT_TAIL(&jobs->queues[queue], job, link);
	jobs->queued[queue]++;
	job->slot = NULL;
}

static void dequeue(struct jobs *jobs, struct job *job)
{
	enum job_queue queue = job_queue(job);

	TAILQ_REMOVE(&jobs->queues[queue], job, link);
	jobs->queued[queue]--;
}

static struct job *job_create(const struct job_id *id, const char *path,
			      struct rendition *rendition, bool urgent)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->id = *id;
	job->urgent = urgent;
	job->asked = clock_ns();
	TAILQ_INIT(&job->waits);
	if (rendition)
		job->rendition = rendition_ref(rendition);
	if (path) {
		job->path = strdup(path);
		if (!job->path) {
			job_free(job);
			return NULL;
		}
	}
	return job;
}

struct job *jobs_add(struct jobs *jobs, const struct job_id *id,
		     const char *path, struct rendition *rendition, bool urgent)
{
	struct job *job = job_create(id, path, rendition, urgent);

	if (!job)
		return NULL;
	if (!tsearch(job, &jobs->tree, compare_jobs)) {
		job_free(job);
		return NULL;
	}
	enqueue(jobs, job, false);
	return job;
}

void jobs_hurry(struct jobs *jobs, struct job *job)
{
	job->asked = clock_ns();
	if (job->urgent)
		return;
	if (!job->slot)
		dequeue(jobs, job);
	job->urgent = true;
	if (!job->slot)
		enqueue(jobs, job, false);
}

void jobs_claim(struct jobs *jobs, struct job *job)
{
	dequeue(jobs, job);
}

struct job *jobs_take(struct jobs *jobs, enum job_queue queue,
		      job_fits_fn *fits, const struct slot *slot)
{
	struct job *job;

	TAILQ_FOREACH (job, &jobs->queues[queue], link) {
		if (fits && !fits(job, slot))
			continue;
		dequeue(jobs, job);
		return job;
	}
	return NULL;
}

void jobs_requeue(struct jobs *jobs, struct job *job)
{
	enqueue(jobs, job, true);
}

struct job *jobs_first(struct jobs *jobs)
{
	struct job *job = NULL;

	for (unsigned i = 0; !job && i < QUEUES; i++)
		job = TAILQ_FIRST(&jobs->queues[i]);
	return job;
}

void jobs_remove(struct jobs *jobs, struct job *job)
{
	if (!job->slot)
		dequeue(jobs, job);
	tdelete(job, &jobs->tree, compare_jobs);
}

void job_free(struct job *job)
{
	assert(TAILQ_EMPTY(&job->waits));
	rendition_unref(job->rendition);
	free(job->path);
	free(job);
}

uint32_t jobs_queued(const struct jobs *jobs, enum job_queue queue)
{
	return jobs->queued[queue];
}
