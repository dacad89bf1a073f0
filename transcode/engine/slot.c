/*
 * A slot: one thread, one worker process, one job after the other. The process
 * is started when there is something to do, replaced when it was lost, and
 * ended after many tasks, so that the leaks of media libraries end with it.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/process.h"
#include "transcode/engine/progress.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { TASKS_PER_PROCESS = 4000, HANG_MS = 1000 };
/* A program that has seen no file yet is slow only where the machine is. */
enum { STARTS = 3, START_SECONDS = 10 };

/*
 * From the moment that a process exists, engine_stop() must know about it: it
 * may take a minute to come up.
 */
static int publish(struct slot *slot, struct process *process)
{
	bool stopping;

	pthread_mutex_lock(&slot->engine->lock);
	stopping = slot->engine->stopping;
	slot->pid = process ? process_pid(process) : 0;
	slot->promoted = false;
	atomic_store(&slot->loans.filler.urgent, slot->urgent);
	pthread_mutex_unlock(&slot->engine->lock);
	slot->process = process;
	return stopping ? -ECANCELED : 0;
}

void slot_end_process(struct slot *slot)
{
	struct process *process = slot->process;

	if (!process)
		return;
	publish(slot, NULL);
	process_end(process);
}

static int start_once(struct slot *slot, unsigned timeout)
{
	struct engine *engine = slot->engine;
	struct process *process;
	int err = process_start(engine->program,
				blocks_fd(engine->config.blocks), &process);

	if (err)
		return err;
	err = publish(slot, process);
	if (!err)
		err = process_greet(process, timeout);
	if (err)
		slot_end_process(slot);
	return err;
}

/* On a loaded machine a start takes longer: each try waits twice as long. */
static int start_process(struct slot *slot)
{
	unsigned timeout = slot->engine->config.timeout;
	int err = -ETIMEDOUT;

	if (timeout < START_SECONDS)
		timeout = START_SECONDS;
	for (unsigned tries = 0; tries < STARTS && err == -ETIMEDOUT; tries++) {
		if (tries > 0)
			log_warn("a worker did not start within %u s: trying "
				 "again",
				 timeout / 2);
		err = start_once(slot, timeout);
		timeout *= 2;
	}
	return err;
}

/* It started in the class of the daemon, which is faster. */
static void set_class(struct slot *slot)
{
	auto_lock(&slot->engine->lock);

	process_set_class(slot->pid, slot->urgent || slot->promoted
					     ? PROCESS_FOREGROUND
					     : PROCESS_BACKGROUND);
}

int slot_ensure_process(struct slot *slot)
{
	int err;

	if (slot->process)
		return 0;
	err = start_process(slot);
	if (err)
		return err;
	if (*slot->engine->versions &&
	    strcmp(slot->engine->versions, process_versions(slot->process))) {
		log_error(
			"the libraries of workers were upgraded: unmount, then "
			"mount again");
		slot_end_process(slot);
		return -EPROTO;
	}
	set_class(slot);
	return 0;
}

void slot_promote_locked(struct slot *slot)
{
	if (slot->urgent || slot->promoted || slot->pid <= 0)
		return;
	slot->promoted = true;
	process_set_class(slot->pid, PROCESS_FOREGROUND);
	atomic_store(&slot->loans.filler.urgent, true);
	blocks_look_again(slot->loans.blocks); /* it may wait itself */
}

/* An urgent reader waits for a block that this slot's process makes. */
static void promote(struct block_filler *filler)
{
	struct loans *loans = (struct loans *)filler;
	struct slot *slot =
		(struct slot *)((char *)loans - offsetof(struct slot, loans));
	auto_lock(&slot->engine->lock);

	slot_promote_locked(slot);
}

void slot_init(struct slot *slot, struct engine *engine, bool urgent,
	       bool spare)
{
	slot->engine = engine;
	slot->urgent = urgent;
	slot->spare = spare;
	loans_init(&slot->loans, engine->config.blocks, urgent, promote);
}

/* The worker or the cache's disk failed, not what was to be made. */
static bool may_go_well(const struct job_outcome *outcome)
{
	return (outcome->process_lost && !outcome->too_long) ||
	       outcome->err == -EAGAIN;
}

/* True: the job gets its second try. */
static bool try_again(struct slot *slot, struct job *job,
		      const struct job_outcome *outcome)
{
	char what[600];

	job_describe(job, what, sizeof(what));
	if (!engine_retry(slot->engine, job))
		return false;
	count(tasks_retried);
	log_warn("cannot %s: %s; trying once more", what, outcome->reason);
	return true;
}

/*
 * The process is there now. False: it need not begin. A reader may have come to
 * the job while a background process was being started for it.
 */
static bool begin_render(struct slot *slot, const struct job *job)
{
	auto_lock(&slot->engine->lock);
	bool stopping = slot->engine->stopping;

	if (job->urgent)
		slot_promote_locked(slot);
	return !stopping;
}

static void count_time(const struct job *job, int64_t ns)
{
	const uint64_t us = (uint64_t)ns / 1000;

	switch (job->id.kind) {
	case JOB_PROBE:
		count_task(probe, us);
		break;
	case JOB_TAG:
		count_task(tag, us);
		break;
	case JOB_BLOCK:
		count_task(block, us);
		break;
	default:
		if (job->rendition->plan.profile.codec == CODEC_ANALYSIS)
			count_task(analysis, us);
		else
			count_task(segment, us);
	}
}

static void log_time(const struct job *job, int64_t ns)
{
	char what[600];

	if (!log_enabled(LOG_LEVEL_DEBUG))
		return;
	job_describe(job, what, sizeof(what));
	log_debug("%s: %lld ms", what, (long long)(ns / 1000000));
}

static void work(struct slot *slot, struct job *job,
		 struct job_outcome *outcome)
{
	int64_t start = clock_ns();
	int64_t took;

	progress_started(slot->engine, job);
	render(slot, job, outcome);
	took = clock_ns() - start;
	log_time(job, took);
	if (!outcome->err)
		count_time(job, took);
}

/*
 * A worker that hangs with its source cannot be ended now. Its job need not
 * wait for that, but what it borrowed stays its own: it may still write to it.
 */
static bool is_rid_of_process(struct slot *slot)
{
	if (slot->process && !process_ends(slot->process, HANG_MS))
		return false;
	slot_end_process(slot);
	return true;
}

static void await_end(struct slot *slot)
{
	while (slot->process && !process_ends(slot->process, HANG_MS) &&
	       !engine_is_stopping(slot->engine))
		;
	slot_end_process(slot);
}

/*
 * To find out whether a file is to blame for a lost worker, it is tried in one
 * that has seen no other file.
 */
static void start_anew(struct slot *slot)
{
	if (slot->process && process_tasks(slot->process) > 0)
		slot_end_process(slot);
}

static void make(struct slot *slot, struct job *job,
		 struct job_outcome *outcome)
{
	int err;

	if (job->tries > 0)
		start_anew(slot);
	err = slot_ensure_process(slot);
	if (err) {
		outcome->err = -EIO;
		snprintf(outcome->reason, sizeof(outcome->reason),
			 "no worker can be started: %s", strerror(-err));
	} else if (!begin_render(slot, job)) {
		outcome->err = -EIO;
		snprintf(outcome->reason, sizeof(outcome->reason),
			 "the mount ends");
	} else {
		work(slot, job, outcome);
	}
}

static void drop(struct slot *slot, struct job *job)
{
	char what[600];

	job_describe(job, what, sizeof(what));
	log_debug("dropped, as nobody waits for it any more: %s", what);
	count(tasks_dropped);
	progress_dropped(slot->engine, job);
	engine_drop(slot->engine, job);
}

static void do_job(struct slot *slot, struct job *job)
{
	struct job_outcome outcome = {0};
	bool hangs = false;

	if (engine_is_wanted(slot->engine, job))
		make(slot, job, &outcome);
	else
		outcome.unwanted = true;
	if (outcome.process_busy || outcome.process_lost)
		hangs = !is_rid_of_process(slot);
	if (outcome.process_lost)
		loans_distrust(&slot->loans);
	/* what was made for readers is held until they have been woken; what
	   was not made is given up first, so that others can make it */
	if (outcome.err && !hangs)
		loans_end(&slot->loans);
	if (outcome.unwanted)
		drop(slot, job);
	else if (!may_go_well(&outcome) || !try_again(slot, job, &outcome))
		conclude(slot, job, &outcome);
	if (hangs)
		await_end(slot);
	loans_end(&slot->loans);
}

/* Between two jobs: back to the background, or replaced after many tasks. */
static void tidy(struct slot *slot)
{
	if (slot->process && process_tasks(slot->process) >= TASKS_PER_PROCESS)
		slot_end_process(slot);
	pthread_mutex_lock(&slot->engine->lock);
	if (slot->promoted && slot->pid > 0)
		process_set_class(slot->pid, PROCESS_BACKGROUND);
	slot->promoted = false;
	pthread_mutex_unlock(&slot->engine->lock);
	engine_is_free(slot->engine, slot);
}

void *slot_run(void *arg)
{
	struct slot *slot = arg;

	/* loading the media libraries takes longer than a first segment; if
	   it fails now, the first job tries again and logs it */
	if (slot->urgent && !slot->spare)
		slot_ensure_process(slot);
	while (!engine_is_stopping(slot->engine)) {
		struct job *job = engine_take(slot->engine, slot);

		if (!job && slot->spare)
			slot_end_process(slot); /* it is not needed now */
		if (!job)
			continue;
		do_job(slot, job);
		tidy(slot);
	}
	return NULL;
}
