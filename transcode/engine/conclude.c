/*
 * Concludes a job: its facts, or why it failed, for the log and for those who
 * ask later. What is remembered depends on whether the file is to blame.
 */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/analysis.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/probing.h"
#include "transcode/engine/progress.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <string.h>

void job_describe(const struct job *job, char *text, size_t size)
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
		       const struct job_outcome *outcome)
{
	char what[600];

	if (outcome->err == -ESTALE) {
		count(stale);
		return -ESTALE;
	}
	job_describe(job, what, sizeof(what));
	if (outcome->err == -EACCES || outcome->err == -EPERM) {
		log_debug("cannot %s: %s", what, outcome->reason);
		return -EACCES; /* whoever opens it will be told */
	}
	count(tasks_failed);
	if (engine_is_stopping(
		    slot->engine)) /* its worker was killed for that */
		log_debug("cannot %s: the mount is ending", what);
	else
		log_error("cannot %s: %s", what, outcome->reason);
	return outcome->err == -ENOMEM ? -ENOMEM : -EIO;
}

static void set_failure(struct facts *facts, const struct job_outcome *outcome)
{
	snprintf(facts->failure, sizeof(facts->failure), "%.95s",
		 outcome->reason);
	facts->failed_at = clock_wall_ns() / CLOCK_SECOND_NS;
}

/*
 * Whether the file is the cause. A worker that somebody killed, a shortage of
 * memory or descriptors, and a disk that cannot be read say nothing about it.
 */
static bool is_of_file(const struct job_outcome *outcome)
{
	return outcome->source_at_fault ||
	       (outcome->process_lost && !outcome->process_ended);
}

/* For those who ask later what was wrong with the file, and for `explain`. */
static void remember_failure(struct slot *slot, const struct job *job,
			     const struct job_outcome *outcome)
{
	const struct track *track = job->rendition->track;
	struct facts facts = track_facts(track);

	if (engine_is_stopping(slot->engine) || outcome->err == -ESTALE ||
	    !is_of_file(outcome))
		return;
	rendition_set_failure(job->rendition, outcome->reason);
	/* of the cause of death while somebody waited, not of work that was
	   never begun */
	if (plan_is_slow(&job->rendition->plan) && outcome->process_lost &&
	    engine_is_urgent(slot->engine, job))
		analysis_failed(job->rendition, outcome->reason);
	set_failure(&facts, outcome);
	facts_put(store_facts(slot->engine->config.store), &track->id, &facts);
}

/* A file that no decoder opens is an answer, and is remembered. */
static int take_broken(struct job *job, struct job_outcome *outcome)
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
 * Permanent facts go into the database. What a lost worker said about a file is
 * trusted in this mount, so that nobody waits for it again, and asked again in
 * the next. A shortage of memory says nothing about a file.
 */
static int keep_facts(struct slot *slot, struct job *job,
		      struct job_outcome *outcome)
{
	struct facts_db *db = store_facts(slot->engine->config.store);
	bool for_good = !outcome->err || outcome->source_at_fault;

	if (outcome->err == -ESTALE || outcome->err == -ENOENT)
		return -ESTALE;
	if (outcome->err &&
	    (engine_is_stopping(slot->engine) || !is_of_file(outcome)))
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

void conclude(struct slot *slot, struct job *job, struct job_outcome *outcome)
{
	int err = 0;

	if (job->id.kind == JOB_PROBE)
		err = keep_facts(slot, job, outcome);
	else if (outcome->err)
		err = log_failure(slot, job, outcome);
	if (job->rendition && err)
		remember_failure(slot, job, outcome);
	if (job->rendition && (err || outcome->is_fallback))
		engine_stop_filling(slot->engine, job->rendition);
	progress_made(slot->engine, job, err, outcome->reason);
	engine_finish(slot->engine, job, err, err ? NULL : &outcome->facts);
}
