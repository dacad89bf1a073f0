/*
 * Which job a slot takes, and which jobs are dropped.
 *
 * The oldest comes first, but a file that hangs, or takes long, must not hold
 * up all others. So while another file waits, one file gets at most all workers
 * of a kind but one. A slot that is not done after a while no longer counts:
 * then a spare one may take another file's job. So as many slots work as there
 * are workers, and at most the spare ones can hang besides.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/rendition.h"

/*
 * When a slot counts as held up: after silence, at readers' jobs, at long ones.
 * A reader's job takes some tenths of a second, ten times as long on a busy
 * machine, and more workers than workers= would only make that busier.
 */
#define SILENCE_PATIENCE (2ll * CLOCK_SECOND_NS)
#define READERS_PATIENCE (10ll * CLOCK_SECOND_NS)
#define LONG_PATIENCE (30ll * CLOCK_SECOND_NS)

/*
 * What is asked for together with others is for a reader who is about to wait.
 */
#define ABOUT_TO_WAIT CLOCK_SECOND_NS

static bool is_held_up_locked(const struct slot *slot, int64_t now)
{
	if (!slot->busy)
		return false;
	return now - slot->since >
		       (slot->urgent ? READERS_PATIENCE : LONG_PATIENCE) ||
	       now - atomic_load(&slot->last_message) > SILENCE_PATIENCE;
}

/* Fewer work than there are workers, as some are held up. */
static bool may_help_locked(const struct slot *spare, int64_t now)
{
	const struct engine *engine = spare->engine;
	unsigned held_up = 0;
	unsigned at_work = 0;

	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];

		if (slot->urgent != spare->urgent || !slot->busy)
			continue;
		if (is_held_up_locked(slot, now))
			held_up++;
		else
			at_work++;
	}
	return held_up > 0 && at_work < engine->config.workers;
}

/* Another slot is held up by this file, or enough of them work on it. */
static bool is_crowded_locked(const struct slot *taker,
			      const struct file_id *file)
{
	const struct engine *engine = taker->engine;
	const unsigned most =
		engine->config.workers > 1 ? engine->config.workers - 1 : 1;
	int64_t now = clock_ns();
	unsigned at_it = 0;

	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];

		if (!slot->busy || !file_id_equal(&slot->file, file))
			continue;
		if (is_held_up_locked(slot, now))
			return true;
		at_it += slot->urgent == taker->urgent;
	}
	return !taker->spare && at_it >= most;
}

static bool fits_locked(const struct job *job, const struct slot *taker)
{
	return !is_crowded_locked(taker, job_file(job));
}

bool choose_fill_fits_locked(const struct rendition *r,
			     const struct slot *taker)
{
	return !is_crowded_locked(taker, &r->track->id);
}

/* From the queues of jobs that somebody waits for, in their order. */
static struct job *take_waited_for(const struct slot *slot, job_fits_fn *fits)
{
	struct jobs *jobs = slot->engine->jobs;
	struct job *job;

	if (slot->urgent)
		return jobs_take(jobs, QUEUE_READERS, fits, slot);
	job = jobs_take(jobs, QUEUE_SLOW, fits, slot);
	return job ? job : jobs_take(jobs, QUEUE_AHEAD, fits, slot);
}

struct job *choose_waited_for_locked(const struct slot *slot)
{
	struct job *job;

	if (slot->spare && !may_help_locked(slot, clock_ns()))
		return NULL;
	job = take_waited_for(slot, fits_locked);
	return job || slot->spare ? job : take_waited_for(slot, NULL);
}

bool choose_may_work_ahead_locked(const struct slot *slot)
{
	return !slot->urgent &&
	       (!slot->spare || may_help_locked(slot, clock_ns()));
}

struct job *choose_last_locked(const struct slot *slot)
{
	struct jobs *jobs = slot->engine->jobs;
	struct job *job = jobs_take(jobs, QUEUE_LAST, fits_locked, slot);

	return job || slot->spare ? job
				  : jobs_take(jobs, QUEUE_LAST, NULL, NULL);
}

bool choose_is_worth_watching_locked(const struct slot *spare)
{
	struct jobs *jobs = spare->engine->jobs;

	if (spare->urgent)
		return jobs_queued(jobs, QUEUE_READERS) > 0;
	return jobs_queued(jobs, QUEUE_SLOW) + jobs_queued(jobs, QUEUE_AHEAD) +
			       jobs_queued(jobs, QUEUE_LAST) >
		       0 ||
	       !TAILQ_EMPTY(&spare->engine->fills);
}

static bool somebody_waits_locked(const struct rendition *r)
{
	const struct wait *wait;

	TAILQ_FOREACH (wait, &r->waits, of_rendition) {
		if (asker_waits(&wait->asker))
			return true;
	}
	return false;
}

/* Wanted with others: its reader waits for one of them, or soon will. */
static bool is_wanted_with_others_locked(const struct job *job)
{
	if (!job->rendition)
		return false;
	if (TAILQ_EMPTY(&job->rendition->waits))
		return clock_ns() - job->asked < ABOUT_TO_WAIT;
	return somebody_waits_locked(job->rendition);
}

bool engine_is_wanted(struct engine *engine, const struct job *job)
{
	auto_lock(&engine->lock);
	const struct wait *wait;

	if (!job->urgent ||
	    (job->rendition && job->rendition->rank != FILL_NONE))
		return true;
	TAILQ_FOREACH (wait, &job->waits, link) {
		if (asker_waits(&wait->asker))
			return true;
	}
	return TAILQ_EMPTY(&job->waits) && is_wanted_with_others_locked(job);
}
