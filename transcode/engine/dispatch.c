/*
 * Dispatch: jobs come in on any thread, slots take them, and waiters are woken.
 *
 *    rendition_read, engine_facts_ask --> engine_await --> jobs (queued)
 *                                             |               |
 *                                           wait          engine_take
 *                                             |               |
 *       answer <-- wake <-- engine_progress, engine_finish <- slot
 *
 * One lock protects the lists. What may take long (waking a reader, dropping
 * the last reference to a file) is collected under it and done afterwards.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/process.h"
#include "transcode/engine/progress.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <string.h>

/* How often a spare slot checks whether others are held up. */
enum { WATCH_MS = 500 };

/* Wakes a slot for a job in a queue. */
static void announce_locked(struct engine *engine, const struct job *job)
{
	bool urgent = job_queue(job) == QUEUE_READERS;

	pthread_cond_signal(&engine->work[urgent]);
	if (!engine->watched[urgent])
		pthread_cond_signal(&engine->watch[urgent]);
}

/* A reader has come to a job that a background worker may be doing. */
static void hurry_locked(struct engine *engine, struct job *job)
{
	jobs_hurry(engine->jobs, job);
	if (job->slot)
		slot_promote_locked(job->slot);
	else
		announce_locked(engine, job);
}

static struct job *find_or_add_locked(struct engine *engine,
				      const struct job_id *id, const char *path,
				      struct rendition *rendition, bool urgent)
{
	struct job *job = jobs_find(engine->jobs, id);

	if (!job) {
		job = jobs_add(engine->jobs, id, path, rendition, urgent);
		if (job)
			announce_locked(engine, job);
	} else if (urgent) {
		hurry_locked(engine, job);
	}
	return job;
}

/* An entry's segment, or enough of it, or a block is there already. */
static bool is_there_locked(const struct engine *engine,
			    const struct job_id *id, uint64_t need)
{
	const struct block_id block = {id->stream, id->segment};
	struct entry *entry = (struct entry *)id->entry;

	if (id->kind == JOB_BLOCK)
		return blocks_has(engine->config.blocks, &block);
	if (!entry)
		return false;
	if (entry_has(entry, id->segment))
		return true;
	return need != UINT64_MAX &&
	       entry_covers(entry, entry_segment_start(entry, id->segment),
			    need);
}

static int await_locked(struct engine *engine, struct wait *wait,
			const struct job_id *id, const char *path,
			struct rendition *rendition, bool urgent)
{
	struct job *job;

	if (engine->stopping)
		return -EIO;
	if (is_there_locked(engine, id, wait->need))
		return -EAGAIN;
	job = find_or_add_locked(engine, id, path, rendition, urgent);
	if (!job)
		return -ENOMEM;
	TAILQ_INSERT_TAIL(&job->waits, wait, link);
	if (wait->rendition)
		TAILQ_INSERT_TAIL(&wait->rendition->waits, wait, of_rendition);
	return 0;
}

int engine_await(struct engine *engine, struct wait *wait,
		 const struct job_id *id, const char *path,
		 struct rendition *rendition, bool urgent)
{
	progress_pending(engine, id, rendition);
	auto_lock(&engine->lock);
	return await_locked(engine, wait, id, path, rendition, urgent);
}

void engine_demand(struct engine *engine, const struct job_id *id,
		   const char *path, struct rendition *rendition, bool urgent)
{
	if (urgent)
		progress_pending(engine, id, rendition);
	auto_lock(&engine->lock);
	if (!engine->stopping && !is_there_locked(engine, id, UINT64_MAX))
		find_or_add_locked(engine, id, path, rendition, urgent);
}

/* -EAGAIN: `done` needs no more filling; the caller unrefs it. */
static int take_fill_locked(struct slot *slot, struct job **job,
			    struct rendition **done)
{
	struct engine *engine = slot->engine;
	struct rendition *rendition;
	struct job_id id;
	int err = fill_next_locked(slot, &id, &rendition);

	if (err == -EAGAIN)
		*done = rendition;
	if (err)
		return err;
	*job = jobs_add(engine->jobs, &id, NULL, rendition, false);
	if (!*job)
		return -ENOENT;
	jobs_claim(engine->jobs, *job);
	return 0;
}

static int take_job_locked(struct slot *slot, struct job **job,
			   struct rendition **done)
{
	int err = 0;

	*job = choose_waited_for_locked(slot);
	if (!*job && !choose_may_work_ahead_locked(slot))
		return -ENOENT;
	if (!*job)
		err = take_fill_locked(slot, job, done);
	if (err == -ENOENT) {
		*job = choose_last_locked(slot);
		err = *job ? 0 : -ENOENT;
	}
	if (err)
		return err;
	(*job)->slot = slot;
	slot->job = *job;
	slot->file = *job_file(*job);
	slot->busy = true;
	slot->since = clock_ns();
	atomic_store(&slot->last_message, slot->since);
	return 0;
}

/* Slots get held up as time passes: one spare slot checks while jobs wait. */
static void watch_locked(struct engine *engine, struct slot *spare)
{
	pthread_cond_t *cond = &engine->watch[spare->urgent];
	struct timespec then = clock_after_ms(WATCH_MS);

	if (engine->watched[spare->urgent] ||
	    !choose_is_worth_watching_locked(spare)) {
		pthread_cond_wait(cond, &engine->lock);
		return;
	}
	engine->watched[spare->urgent] = true;
	pthread_cond_timedwait(cond, &engine->lock, &then);
	engine->watched[spare->urgent] = false;
}

static void await_work_locked(struct engine *engine, struct slot *slot)
{
	if (slot->spare)
		watch_locked(engine, slot);
	else
		pthread_cond_wait(&engine->work[slot->urgent], &engine->lock);
}

/* The next spare slot checks from now on. */
static void end_watch_locked(struct engine *engine, const struct slot *spare)
{
	if (spare->spare)
		pthread_cond_signal(&engine->watch[spare->urgent]);
}

void engine_is_free(struct engine *engine, struct slot *slot)
{
	auto_lock(&engine->lock);

	slot->busy = false;
}

struct job *engine_take(struct engine *engine, struct slot *slot)
{
	struct rendition *done = NULL;
	struct job *job = NULL;

	pthread_mutex_lock(&engine->lock);
	while (!engine->stopping) {
		int err = take_job_locked(slot, &job, &done);

		if (err != -ENOENT || (slot->spare && slot->pid > 0))
			break;
		await_work_locked(engine, slot);
	}
	end_watch_locked(engine, slot);
	pthread_mutex_unlock(&engine->lock);
	progress_filled(engine, done);
	rendition_unref(done);
	return job;
}

static void wake_locked(struct job *job, struct wait *wait,
			struct wait_list *woken)
{
	job->asked = clock_ns();
	TAILQ_REMOVE(&job->waits, wait, link);
	if (wait->rendition)
		TAILQ_REMOVE(&wait->rendition->waits, wait, of_rendition);
	TAILQ_INSERT_TAIL(woken, wait, link);
}

static void collect_locked(struct job *job, uint64_t available,
			   struct wait_list *woken)
{
	struct wait *wait;
	struct wait *next;

	for (wait = TAILQ_FIRST(&job->waits); wait; wait = next) {
		next = TAILQ_NEXT(wait, link);
		if (wait->need > available)
			continue;
		wake_locked(job, wait, woken);
	}
}

static void wake_all(struct wait_list *woken, int err)
{
	struct wait *wait;

	while ((wait = TAILQ_FIRST(woken))) {
		TAILQ_REMOVE(woken, wait, link);
		wait->wake(wait, err, NULL);
	}
}

void engine_progress(struct engine *engine, struct job *job, uint64_t available)
{
	struct wait_list woken = TAILQ_HEAD_INITIALIZER(woken);

	pthread_mutex_lock(&engine->lock);
	collect_locked(job, available, &woken);
	pthread_mutex_unlock(&engine->lock);
	wake_all(&woken, 0);
}

static bool is_same_file(const struct track *a, const struct track *b)
{
	return file_id_equal(&a->id, &b->id) && strcmp(a->path, b->path) == 0;
}

/*
 * A job fails because of the file that it was made from. Another file with the
 * same audio (a copy, or the file before its tags changed) tries for itself.
 */
static int error_for(const struct wait *wait, const struct job *job, int err)
{
	char reason[sizeof(job->rendition->failure)];

	if (!err || wait->rendition == job->rendition)
		return err;
	if (!is_same_file(wait->rendition->track, job->rendition->track))
		return -EAGAIN;
	/* it may be made from the descriptor that this reader holds */
	if (err == -ESTALE && wait->rendition->source >= 0 &&
	    job->rendition->source < 0)
		return -EAGAIN;
	rendition_failure(job->rendition, reason, sizeof(reason));
	rendition_set_failure(wait->rendition, reason);
	return err;
}

void engine_stop_filling(struct engine *engine, struct rendition *rendition)
{
	bool removed;

	pthread_mutex_lock(&engine->lock);
	removed = fill_remove_locked(rendition);
	rendition->fill_failed = true;
	pthread_mutex_unlock(&engine->lock);
	if (removed)
		rendition_unref(rendition);
}

static void leave_slot_locked(const struct job *job)
{
	if (job->slot)
		job->slot->job = NULL;
}

void engine_finish(struct engine *engine, struct job *job, int err,
		   const struct facts *facts)
{
	struct wait_list woken = TAILQ_HEAD_INITIALIZER(woken);
	struct wait *wait;

	pthread_mutex_lock(&engine->lock);
	leave_slot_locked(job);
	jobs_remove(engine->jobs, job);
	collect_locked(job, UINT64_MAX, &woken);
	pthread_mutex_unlock(&engine->lock);
	while ((wait = TAILQ_FIRST(&woken))) {
		TAILQ_REMOVE(&woken, wait, link);
		wait->wake(wait, error_for(wait, job, err), facts);
	}
	job_free(job);
}

static void collect_unwanted_locked(struct job *job, struct wait_list *woken)
{
	struct wait *wait;
	struct wait *next;

	for (wait = TAILQ_FIRST(&job->waits); wait; wait = next) {
		next = TAILQ_NEXT(wait, link);
		if (!asker_waits(&wait->asker))
			wake_locked(job, wait, woken);
	}
}

void engine_drop(struct engine *engine, struct job *job)
{
	struct wait_list woken = TAILQ_HEAD_INITIALIZER(woken);
	bool again;
	int err;

	pthread_mutex_lock(&engine->lock);
	err = engine->stopping ? -EIO : -ECANCELED;
	leave_slot_locked(job);
	collect_unwanted_locked(job, &woken);
	again = !TAILQ_EMPTY(&job->waits) && !engine->stopping;
	if (again) {
		jobs_requeue(engine->jobs, job);
		announce_locked(engine, job);
	} else {
		jobs_remove(engine->jobs, job);
		collect_locked(job, UINT64_MAX, &woken);
	}
	pthread_mutex_unlock(&engine->lock);
	wake_all(&woken, err);
	if (!again)
		job_free(job);
}

void engine_answer_stuck(struct engine *engine, struct slot *slot)
{
	struct wait_list woken = TAILQ_HEAD_INITIALIZER(woken);

	pthread_mutex_lock(&engine->lock);
	if (slot->job)
		collect_locked(slot->job, UINT64_MAX, &woken);
	pthread_mutex_unlock(&engine->lock);
	wake_all(&woken, -EIO);
}

bool engine_is_urgent(struct engine *engine, const struct job *job)
{
	auto_lock(&engine->lock);

	return job->urgent;
}

bool engine_retry(struct engine *engine, struct job *job)
{
	auto_lock(&engine->lock);
	bool again = job->tries++ == 0 && !engine->stopping;

	if (again) {
		leave_slot_locked(job);
		jobs_requeue(engine->jobs, job);
		announce_locked(engine, job);
	}
	return again;
}
