/*
 * A slot: one thread, one worker process, one job after the other. The process
 * is started when there is something to do, replaced when it was lost, and
 * ended after many tasks, so that what a media library leaks ends with it.
 */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/analysis.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/probing.h"
#include "transcode/engine/process.h"
#include "transcode/engine/progress.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { TASKS_PER_PROCESS = 4000, STARTS = 3, HANG_MS = 1000 };

static bool is_stopping(struct engine *engine)
{
	bool stopping;

	engine_lock(engine);
	stopping = engine->stopping;
	engine_unlock(engine);
	return stopping;
}

/*
 * From the moment that a process exists engine_stop() must know of it: it may
 * take a minute to come up.
 */
static int publish(struct slot *slot, struct process *process)
{
	bool stopping;

	engine_lock(slot->engine);
	stopping = slot->engine->stopping;
	slot->pid = process ? process_pid(process) : 0;
	slot->promoted = false;
	atomic_store(&slot->loans.filler.urgent, slot->urgent);
	engine_unlock(slot->engine);
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
	const struct engine_config *config = &slot->engine->config;
	struct process *process;
	int err = process_start(config->worker_path, blocks_fd(config->blocks),
				&process);

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

	for (unsigned tries = 0; tries < STARTS && err == -ETIMEDOUT; tries++) {
		if (tries > 0)
			log_warn("a worker has not started within %u s: "
				 "trying again",
				 timeout / 2);
		err = start_once(slot, timeout);
		timeout *= 2;
	}
	return err;
}

/* It came up in the class of the daemon, which is quicker. */
static void set_class(struct slot *slot)
{
	engine_lock(slot->engine);
	process_set_class(slot->pid, slot->urgent || slot->promoted
					     ? PROCESS_FOREGROUND
					     : PROCESS_BACKGROUND);
	engine_unlock(slot->engine);
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
		log_error("the worker was upgraded: mount again");
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

	engine_lock(slot->engine);
	slot_promote_locked(slot);
	engine_unlock(slot->engine);
}

void slot_init(struct slot *slot, struct engine *engine, bool urgent,
	       bool spare)
{
	slot->engine = engine;
	slot->urgent = urgent;
	slot->spare = spare;
	loans_init(&slot->loans, engine->config.blocks, urgent, promote);
}

/* What a job is about, for a log line. */
static void describe(const struct job *job, char *text, size_t size)
{
	switch (job->id.kind) {
	case JOB_PROBE:
		snprintf(text, size, "probe '%s'", job->path);
		break;
	case JOB_TAG:
		snprintf(text, size, "make the tag of '%s'",
			 job->rendition->track->path);
		break;
	case JOB_BLOCK:
		snprintf(text, size, "decode '%s' (%s, second %u of %u)",
			 job->rendition->track->path,
			 job->rendition->plan.profile.name, job->id.segment + 1,
			 job->rendition->plan.segments);
		break;
	default:
		snprintf(text, size, "render '%s' (%s, segment %u of %u)",
			 job->rendition->track->path,
			 job->rendition->plan.profile.name, job->id.segment + 1,
			 job->rendition->plan.segments);
	}
}

static int log_failure(const struct slot *slot, const struct job *job,
		       const struct outcome *outcome)
{
	char what[600];

	if (outcome->err == -ESTALE) {
		count(stale);
		return -ESTALE;
	}
	describe(job, what, sizeof(what));
	if (outcome->err == -EACCES || outcome->err == -EPERM) {
		log_debug("cannot %s: %s", what, outcome->reason);
		return -EACCES; /* who opens it will be told */
	}
	count(tasks_failed);
	if (is_stopping(slot->engine)) /* its worker was killed for that */
		log_debug("cannot %s: the mount ends", what);
	else
		log_error("cannot %s: %s", what, outcome->reason);
	return outcome->err == -ENOMEM ? -ENOMEM : -EIO;
}

static void set_failure(struct facts *facts, const struct outcome *outcome)
{
	snprintf(facts->failure, sizeof(facts->failure), "%.95s",
		 outcome->reason);
	facts->failed_at = clock_wall_ns() / CLOCK_SECOND_NS;
}

/*
 * Whether the file is why. A worker that somebody ended, memory or descriptors
 * that ran out and a disk that cannot be read say nothing about it.
 */
static bool is_of_file(const struct outcome *outcome)
{
	return outcome->source_at_fault ||
	       (outcome->process_lost && !outcome->process_ended);
}

/* For who asks later what was wrong with the file, and for `explain`. */
static void remember_failure(struct slot *slot, const struct job *job,
			     const struct outcome *outcome)
{
	const struct track *track = job->rendition->track;
	struct facts facts = track->facts;

	if (is_stopping(slot->engine) || outcome->err == -ESTALE ||
	    !is_of_file(outcome))
		return;
	rendition_set_failure(job->rendition, outcome->reason);
	/* of what a worker died while somebody waited, not of what it never
	   got to */
	if (plan_is_slow(&job->rendition->plan) && outcome->process_lost &&
	    engine_is_urgent(slot->engine, job))
		analysis_failed(job->rendition, outcome->reason);
	set_failure(&facts, outcome);
	facts_put(store_facts(slot->engine->config.store), &track->id, &facts);
}

/* A file that no decoder opens is an answer, and is remembered. */
static int take_broken(struct job *job, struct outcome *outcome)
{
	memset(&outcome->facts, 0, sizeof(outcome->facts));
	outcome->facts.kind = FACTS_BROKEN;
	snprintf(outcome->facts.reason, sizeof(outcome->facts.reason), "%.90s",
		 outcome->reason);
	set_failure(&outcome->facts, outcome);
	count(probes_failed);
	log_warn("cannot decode '%s': %s", job->path, outcome->reason);
	return 0;
}

/*
 * Facts that hold for good go into the database. What a lost worker said about
 * a file is believed for this mount, so that nobody waits for it again, and
 * asked again by the next. A full memory says nothing about a file.
 */
static int keep_facts(struct slot *slot, struct job *job,
		      struct outcome *outcome)
{
	struct facts_db *db = store_facts(slot->engine->config.store);
	bool for_good = !outcome->err || outcome->source_at_fault;

	if (outcome->err == -ESTALE || outcome->err == -ENOENT)
		return -ESTALE;
	if (outcome->err && (is_stopping(slot->engine) || !is_of_file(outcome)))
		return log_failure(slot, job, outcome);
	if (outcome->err)
		take_broken(job, outcome);
	outcome->facts.probed = probing_version(&outcome->facts,
						slot->engine->config.cover_max);
	if (for_good)
		facts_put(db, &job->id.file, &outcome->facts);
	else
		facts_put_for_now(db, &job->id.file, &outcome->facts);
	count(probes);
	return 0;
}

static void conclude(struct slot *slot, struct job *job,
		     struct outcome *outcome)
{
	int err = 0;

	if (job->id.kind == JOB_PROBE)
		err = keep_facts(slot, job, outcome);
	else if (outcome->err)
		err = log_failure(slot, job, outcome);
	if (job->rendition && err)
		remember_failure(slot, job, outcome);
	if (job->rendition && (err || outcome->in_memory))
		engine_stop_filling(slot->engine, job->rendition);
	progress_made(slot->engine, job, err, outcome->reason);
	engine_finish(slot->engine, job, err, err ? NULL : &outcome->facts);
}

/* The worker died or was killed; true when the job gets its second try. */
static bool try_again(struct slot *slot, struct job *job,
		      const struct outcome *outcome)
{
	char what[600];

	describe(job, what, sizeof(what));
	if (outcome->too_long || !engine_retry(slot->engine, job))
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
	bool stopping;

	engine_lock(slot->engine);
	stopping = slot->engine->stopping;
	if (job->urgent)
		slot_promote_locked(slot);
	engine_unlock(slot->engine);
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
	describe(job, what, sizeof(what));
	log_debug("%s: %lld ms", what, (long long)(ns / 1000000));
}

static void work(struct slot *slot, struct job *job, struct outcome *outcome)
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
 * wait for that, but what it borrowed stays its own: it may yet be written to.
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
	       !is_stopping(slot->engine))
		;
	slot_end_process(slot);
}

static void make(struct slot *slot, struct job *job, struct outcome *outcome)
{
	int err = slot_ensure_process(slot);

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

	describe(job, what, sizeof(what));
	log_debug("nobody waits for it any more: %s", what);
	count(tasks_dropped);
	progress_dropped(slot->engine, job);
	engine_drop(slot->engine, job);
}

static void do_job(struct slot *slot, struct job *job)
{
	struct outcome outcome = {0};
	bool hangs = false;

	if (engine_is_wanted(slot->engine, job))
		make(slot, job, &outcome);
	else
		outcome.unwanted = true;
	if (outcome.process_busy || outcome.process_lost)
		hangs = !is_rid_of_process(slot);
	/* what was made for readers is held until they have been woken; what
	   was not made is given up first, so that others can make it */
	if (outcome.err && !hangs)
		loans_end(&slot->loans);
	if (outcome.unwanted)
		drop(slot, job);
	else if (!outcome.process_lost || !try_again(slot, job, &outcome))
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
	engine_lock(slot->engine);
	if (slot->promoted && slot->pid > 0)
		process_set_class(slot->pid, PROCESS_BACKGROUND);
	slot->promoted = false;
	engine_unlock(slot->engine);
	engine_is_free(slot->engine, slot);
}

void *slot_run(void *arg)
{
	struct slot *slot = arg;

	/* loading the media libraries takes longer than a first segment; if it
	   fails now, the first job tries again and says so */
	if (slot->urgent && !slot->spare)
		slot_ensure_process(slot);
	while (!is_stopping(slot->engine)) {
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
