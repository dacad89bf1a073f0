/* See batch.h. */
#include "tasks/batch.h"

#include "base/cleanup.h"

#include <stdlib.h>

void batch_init(struct batch *batch, unsigned limit)
{
	*batch = (struct batch){.limit = limit};
	pthread_mutex_init(&batch->lock, NULL);
	pthread_cond_init(&batch->change, NULL);
	STAILQ_INIT(&batch->waiting);
	STAILQ_INIT(&batch->answered);
}

void batch_add(struct batch *batch, struct batch_job *job)
{
	job->batch = batch;
	auto_lock(&batch->lock);
	STAILQ_INSERT_TAIL(&batch->waiting, job, link);
	pthread_cond_signal(&batch->change);
}

void batch_answer(struct batch_job *job)
{
	struct batch *batch = job->batch;

	/* signaled under the lock: the batch may be gone right afterwards */
	auto_lock(&batch->lock);
	batch->asked--;
	STAILQ_INSERT_TAIL(&batch->answered, job, link);
	pthread_cond_signal(&batch->change);
}

static void destroy(struct batch_job *job)
{
	if (job->destroy)
		job->destroy(job);
	else
		free(job);
}

void batch_end(struct batch_job *job)
{
	struct batch *batch = job->batch;

	pthread_mutex_lock(&batch->lock);
	batch->asked--;
	pthread_mutex_unlock(&batch->lock);
	destroy(job);
}

void batch_keep_open(struct batch *batch)
{
	auto_lock(&batch->lock);

	batch->open = true;
}

/* Jobs that have begun come first. NULL: there is nothing to do for now. */
static struct batch_job *take_answered_locked(struct batch *batch)
{
	struct batch_jobs *from = &batch->answered;
	struct batch_job *job;

	if (STAILQ_EMPTY(from) && batch->asked < batch->limit)
		from = &batch->waiting;
	job = STAILQ_FIRST(from);
	if (job) {
		STAILQ_REMOVE_HEAD(from, link);
		batch->asked++;
	}
	return job;
}

/* NULL: the batch is over. */
static struct batch_job *take_item(struct batch *batch)
{
	struct batch_job *job = NULL;
	auto_lock(&batch->lock);

	while (!batch->stopped && !(job = take_answered_locked(batch)) &&
	       (batch->asked > 0 || batch->open))
		pthread_cond_wait(&batch->change, &batch->lock);
	return job;
}

void batch_run(struct batch *batch)
{
	struct batch_job *job;

	while ((job = take_item(batch)))
		job->step(job);
}

void batch_stop(struct batch *batch)
{
	auto_lock(&batch->lock);

	batch->stopped = true;
	pthread_cond_signal(&batch->change);
}

bool batch_stopped(struct batch *batch)
{
	auto_lock(&batch->lock);

	return batch->stopped;
}

static void destroy_all(struct batch_jobs *jobs)
{
	struct batch_job *job;

	while ((job = STAILQ_FIRST(jobs))) {
		STAILQ_REMOVE_HEAD(jobs, link);
		destroy(job);
	}
}

void batch_drain(struct batch *batch)
{
	batch_stop(batch);
	pthread_mutex_lock(&batch->lock);
	while (batch->asked > 0)
		pthread_cond_wait(&batch->change, &batch->lock);
	pthread_mutex_unlock(&batch->lock);
	destroy_all(&batch->answered);
	destroy_all(&batch->waiting);
}

void batch_release(struct batch *batch)
{
	batch_drain(batch);
	pthread_cond_destroy(&batch->change);
	pthread_mutex_destroy(&batch->lock);
}
