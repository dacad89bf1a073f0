/*
 * A batch: many jobs, some of them in flight at a time, worked off by one
 * thread. What a job asks the engine for is answered later, on any thread; the
 * batch's own thread then takes the job's next step:
 *
 *   batch_add -> waiting -> step -> (asked) -> batch_answer -> step -> ...
 *                                                          -> batch_end
 *
 * So nobody needs a thread to wait in, and what the steps share needs no lock.
 */
#ifndef TASKS_BATCH_H
#define TASKS_BATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Embedded as the first member of a job. */
struct batch_job {
	/*
	 * The next step, on the batch's thread. It asks for something that
	 * leads to one batch_answer(), or calls batch_end().
	 */
	void (*step)(struct batch_job *job);
	void (*destroy)(struct batch_job *job); /* NULL: free() */

	struct batch *batch; /* from batch_add() on */
	STAILQ_ENTRY(batch_job) link;
};

STAILQ_HEAD(batch_jobs, batch_job);

struct batch {
	unsigned limit; /* jobs in flight */

	pthread_mutex_t lock;
	pthread_cond_t change; /* of all below */
	struct batch_jobs waiting;
	struct batch_jobs answered;
	unsigned asked; /* jobs that wait for an answer, or are in a step */
	bool open;	/* more jobs will come */
	bool stopped;
};

void batch_init(struct batch *batch, unsigned limit);

/* Takes the job. Any thread. */
void batch_add(struct batch *batch, struct batch_job *job);

/*
 * The answer to what the job asked for is there. Any thread, even during the
 * step.
 */
void batch_answer(struct batch_job *job);

/* Within a step: the job is over, and is destroyed. */
void batch_end(struct batch_job *job);

/*
 * More jobs will come until the batch is stopped: batch_run() waits for them.
 */
void batch_keep_open(struct batch *batch);

/* Runs the steps of all jobs, until all are over or the batch is stopped. */
void batch_run(struct batch *batch);

/* No further step is begun. Any thread. */
void batch_stop(struct batch *batch);
bool batch_stopped(struct batch *batch);

/*
 * Stops it, waits for outstanding answers and destroys the jobs that are left.
 * batch_run() has returned.
 */
void batch_drain(struct batch *batch);

/* The same, and frees it. */
void batch_release(struct batch *batch);

#endif
