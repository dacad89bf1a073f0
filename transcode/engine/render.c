/*
 * One job, from its source to its bytes:
 *
 *    open the source -> is it the version that was planned for? -> send the
 * task
 *      -> take bytes from the ring, into the entry, as they come -> commit
 *
 * What the worker reports on the way is handled in listen.c.
 */
#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/analysis.h"
#include "transcode/engine/process.h"
#include "transcode/engine/render_private.h"
#include "transcode/engine/rendition.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_source_path(struct render *r)
{
	const struct engine_config *config = &r->slot->engine->config;
	const char *path = render_source_path(r->job);

	r->source = config->open_source(config->context, path);
	if (r->source == -ENOENT)
		return -ESTALE;
	if (r->source < 0)
		return render_fail(r, r->source, strerror(-r->source));
	return render_check_version(r);
}

/* By its path, or else the one that a reader's rendition holds open. */
static int open_source(struct render *r)
{
	const struct rendition *rendition = r->job->rendition;
	int err = open_source_path(r);
	int held = rendition ? rendition->source : -1;

	if (!err || held < 0)
		return err;
	if (r->source >= 0)
		close(r->source);
	/* workers read at offsets, so they may share its own */
	r->source = fcntl(held, F_DUPFD_CLOEXEC, 0);
	if (r->source < 0)
		return render_fail(r, -errno, strerror(errno));
	*r->outcome->reason = '\0';
	return render_check_version(r);
}

/* A cover that is gone or has changed leaves padding: the size stands. */
static void open_cover(struct render *r)
{
	const struct engine_config *config = &r->slot->engine->config;
	const struct track *track = r->job->rendition->track;

	if (!track->cover_path)
		return;
	r->for_now = true;
	r->cover = config->open_source(config->context, track->cover_path);
	if (r->cover < 0) {
		log_warn("cannot open the cover '%s': %s", track->cover_path,
			 strerror(-r->cover));
		return;
	}
	r->for_now = file_id_check(r->cover, &track->cover_id) != 0;
	if (!r->for_now)
		return;
	close(r->cover);
	r->cover = -1;
}

static struct worker_task make_task(struct render *r)
{
	const struct job *job = r->job;
	const struct rendition *rendition = job->rendition;
	struct worker_task task;

	memset(&task, 0, sizeof(task));
	task.source = *render_source_id(job);
	task.cover_max = r->slot->engine->config.cover_max;
	if (job->id.kind == JOB_PROBE) {
		task.kind = TASK_PROBE;
		return task;
	}
	task.shape = rendition->plan.source;
	task.profile = rendition->plan.profile;
	if (job->id.kind == JOB_TAG) {
		task.kind = TASK_TAG;
		task.tag_size = rendition->tag_size;
		task.tag_style = rendition->engine->config.tag_style;
		if (r->cover >= 0)
			task.cover_size =
				(uint32_t)rendition->track->cover_id.size;
		return task;
	}
	task.kind = job->id.kind == JOB_BLOCK ? TASK_BLOCK : TASK_SEGMENT;
	task.segment = job->id.segment;
	return task;
}

/* A cover that was written to while it was read: its bytes may be mixed. */
static int check_cover(const struct render *r)
{
	if (r->cover < 0)
		return 0;
	return file_id_check(r->cover, &r->job->rendition->track->cover_id);
}

static int converse(struct render *r)
{
	struct worker_task task = make_task(r);
	int fds[2] = {r->source, r->cover};
	int err;

	limits_heap(r);
	err = process_send(r->process, &task, fds, r->cover >= 0 ? 2 : 1);
	if (err)
		return render_lose(r, err);
	err = render_listen(r);
	r->outcome->process_busy = !r->answered;
	if (err)
		return err;
	err = check_cover(r);
	return err ? err : render_check_version(r);
}

static void count_rendered(const struct render *r)
{
	if (r->job->id.kind == JOB_TAG) {
		count(tags_rendered);
		return;
	}
	count(segments_rendered);
	if (engine_is_urgent(r->slot->engine, r->job))
		count(segments_foreground);
	else
		count(segments_background);
	count_n(rendered_bytes, r->expected);
	if (r->job->rendition->plan.profile.codec == CODEC_ANALYSIS)
		analysis_count(r->job->rendition);
}

static int into_entry(struct render *r)
{
	struct entry *entry = (struct entry *)r->job->id.entry;
	uint32_t segment = r->job->id.segment;
	int err = entry_begin(entry, segment);

	if (err)
		return err == -EEXIST ? 0 : err;
	r->expected = entry_segment_start(entry, segment + 1) -
		      entry_segment_start(entry, segment);
	if (r->job->id.kind == JOB_TAG)
		open_cover(r);
	err = converse(r);
	if (err) {
		entry_abort(entry, segment);
		return err;
	}
	/* what is silent or lacks its cover now may be better the next time;
	   whether a file was only moved, its times do not prove */
	if ((r->for_now || r->moved ? entry_commit_for_now
				    : entry_commit)(entry, segment))
		return render_lose(r, -EPROTO);
	r->outcome->is_fallback = entry_is_fallback(entry, segment);
	count_rendered(r);
	return 0;
}

/*
 * What the worker made is in a block that its slot holds, or, if that did not
 * fit into the pool, came through the ring.
 */
static int into_block(struct render *r)
{
	const struct rendition *rendition = r->job->rendition;
	const struct pcm_layout layout = plan_layout(&rendition->plan);
	const struct block_id id = {r->job->id.stream, r->job->id.segment};
	struct loans *loans = &r->slot->loans;
	int err;

	r->expected = pcm_block_bytes(&layout);
	if (r->expected > PCM_BLOCK_MAX)
		return render_fail(r, -EFBIG, strerror(EFBIG));
	err = converse(r);
	if (!err && r->taken == r->expected)
		err = loans_add_loose(loans, &id, steal_ptr(r->loose));
	else if (!err && (r->taken > 0 || !loans_have(loans, &id)))
		err = render_lose(r, -EPROTO);
	buffer_destroy(r->loose);
	return err;
}

/*
 * The identity of a FLAC covers parts of it, so whoever makes a file can give
 * it the identity of another. Files of other users share nothing with ours or
 * root's, nor with those of yet others.
 */
static int keep_apart(const struct render *r, struct key *identity)
{
	struct key_part parts[] = {
		{"owner", 5}, {identity, sizeof(*identity)}, {NULL, 0}};
	struct stat st;

	if (fstat(r->source, &st) != 0)
		return -errno;
	if (st.st_uid == 0 || st.st_uid == geteuid())
		return 0;
	parts[2] = (struct key_part){&st.st_uid, sizeof(st.st_uid)};
	*identity = key_of(parts, sizeof(parts) / sizeof(*parts));
	return 0;
}

static int check_facts(struct render *r)
{
	struct facts *facts = &r->outcome->facts;

	if (facts->kind == FACTS_BROKEN || !facts_possible(facts))
		return render_lose(r, -EPROTO);
	*facts->failure = '\0'; /* we report what failed */
	return keep_apart(r, &facts->identity);
}

void render(struct slot *slot, struct job *job, struct job_outcome *outcome)
{
	struct render r = {.slot = slot,
			   .process = slot->process,
			   .job = job,
			   .outcome = outcome,
			   .source = -1,
			   .cover = -1};
	int err = open_source(&r);

	if (!err && job->id.kind == JOB_PROBE) {
		err = converse(&r);
		if (!err)
			err = check_facts(&r);
	} else if (!err && job->id.kind == JOB_BLOCK) {
		err = into_block(&r);
	} else if (!err) {
		err = into_entry(&r);
	}
	outcome->err = err;
	if (r.source >= 0)
		close(r.source);
	if (r.cover >= 0)
		close(r.cover);
}
