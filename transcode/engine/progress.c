/* See progress.h. */
#include "transcode/engine/progress.h"

#include "base/cleanup.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/rendition.h"

#include <stddef.h>

static bool is_analysis(const struct rendition *r)
{
	return r->plan.profile.codec == CODEC_ANALYSIS;
}

static bool nobody_listens(const struct engine *engine)
{
	return !engine->config.progress;
}

/* Each run ends once. Under `progress_lock`. */
static unsigned number_of(struct rendition *r, enum progress_state state)
{
	unsigned run = r->run ? r->run : ++r->engine->runs;

	r->run = state == PROGRESS_PENDING || state == PROGRESS_RUNNING ? run
									: 0;
	return run;
}

static void tell_progress(struct rendition *r, enum progress_state state,
			  const char *reason)
{
	const struct engine_config *config = &r->engine->config;
	const struct rendition_progress progress = {
		.state = state,
		.run = number_of(r, state),
		.shown = r->track->shown,
		.open = atomic_load(&r->track->open),
		.analysis = is_analysis(r),
		.key = r->key,
		.path = r->track->path,
		.profile = r->plan.profile.name,
		.there = entry_there(r->body),
		.all = entry_count(r->body),
		.reason = reason,
	};

	config->progress(config->progress_context, &progress);
}

/* Whether it was watched; not from now on if it ends with this. */
static bool watched(struct rendition *r, bool ends)
{
	auto_lock(&r->engine->lock);
	bool was = r->watched;

	if (ends)
		r->watched = false;
	return was;
}

static bool is_new(struct engine *engine, const struct job_id *id)
{
	struct entry *entry = (struct entry *)id->entry;
	auto_lock(&engine->lock);

	return !engine->stopping && !entry_has(entry, id->segment) &&
	       !jobs_find(engine->jobs, id);
}

void progress_pending(struct engine *engine, const struct job_id *id,
		      struct rendition *r)
{
	if (nobody_listens(engine) || !r || id->kind != JOB_SEGMENT ||
	    !is_analysis(r))
		return;
	auto_lock(&engine->progress_lock);
	if (is_new(engine, id))
		tell_progress(r, PROGRESS_PENDING, NULL);
}

void progress_started(struct engine *engine, const struct job *job)
{
	if (nobody_listens(engine) || job->id.kind != JOB_SEGMENT ||
	    !is_analysis(job->rendition))
		return;
	auto_lock(&engine->progress_lock);
	tell_progress(job->rendition, PROGRESS_RUNNING, NULL);
}

/* A long track gets an event for each percent, not for each segment. */
static bool is_worth_telling(const struct rendition *r)
{
	uint64_t there = entry_there(r->body);
	uint64_t all = entry_count(r->body);

	return there > 0 && there * 100 / all != (there - 1) * 100 / all;
}

static void tell_made(struct rendition *r, int err, const char *reason)
{
	bool complete = entry_complete(r->body);
	bool listed = watched(r, err || complete);

	if (!listed && !is_analysis(r))
		return;
	if (err)
		tell_progress(r, PROGRESS_FAILED,
			      *reason ? reason : "the file has changed");
	else if (complete)
		tell_progress(r, PROGRESS_COMPLETED, NULL);
	else if (is_worth_telling(r))
		tell_progress(r, PROGRESS_RUNNING, NULL);
}

void progress_made(struct engine *engine, const struct job *job, int err,
		   const char *reason)
{
	if (nobody_listens(engine) || job->id.kind != JOB_SEGMENT)
		return;
	auto_lock(&engine->progress_lock);
	tell_made(job->rendition, err, reason);
}

void progress_dropped(struct engine *engine, const struct job *job)
{
	if (nobody_listens(engine) || job->id.kind != JOB_SEGMENT ||
	    !is_analysis(job->rendition))
		return;
	auto_lock(&engine->progress_lock);
	tell_progress(job->rendition, PROGRESS_LEFT, NULL);
}

static void end_progress(struct engine *engine, struct rendition *r, bool left)
{
	bool complete;

	if (nobody_listens(engine) || !r || !r->body || is_analysis(r))
		return;
	auto_lock(&engine->progress_lock);
	complete = entry_complete(r->body);
	if (watched(r, complete || left) && (complete || left))
		tell_progress(r, complete ? PROGRESS_COMPLETED : PROGRESS_LEFT,
			      NULL);
}

void progress_filled(struct engine *engine, struct rendition *r)
{
	end_progress(engine, r, false);
}

void progress_left(struct engine *engine, struct rendition *r)
{
	end_progress(engine, r, true);
}
