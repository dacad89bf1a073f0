/*
 * One job, from its source to its bytes:
 *
 *   open the source -> is it the version that was planned for? -> send the task
 *   -> take bytes from the ring, into the entry, as they come -> commit
 *
 * The version is looked at again each time bytes have come and before anybody
 * may read them: what was decoded before that look was decoded from the
 * version that was planned for, so no reader ever gets a mixture.
 */
#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/cover.h"
#include "transcode/engine_private.h"
#include "transcode/process.h"
#include "transcode/rendition.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Of one task; it may say nothing more before it is taken to be ill. */
enum { NOTES_MAX = 64 };

/* Time limits that a segment may take without one new byte. */
enum { STUCK_FACTOR = 30 };

/* What facts may say; more is nonsense (a tag holds 16 MiB of picture). */
enum { RATE_MAX = 100000000, CHANNELS_MAX = 64, TAG_MAX = 64 << 20 };

struct render {
	struct slot *slot;
	struct process *process;
	struct job *job;
	struct outcome *outcome;
	int source;
	int cover;     /* -1: none */
	bool answered; /* the worker said that it is through */
	bool for_now;  /* damage or a missing cover may be mended */
	unsigned notes;
	time_t last_bytes; /* when there were some, in seconds */
	uint64_t expected; /* bytes of the segment */
	uint64_t taken;
};

static int fail(struct render *r, int err, const char *reason)
{
	snprintf(r->outcome->reason, sizeof(r->outcome->reason), "%s", reason);
	return err;
}

static int lose(struct render *r, int err)
{
	char *text = r->outcome->reason;
	size_t size = sizeof(r->outcome->reason);

	r->outcome->process_lost = true;
	if (err == -ETIMEDOUT) {
		count(workers_killed);
		snprintf(text, size, "the worker said nothing for %u s",
			 r->slot->engine->config.timeout);
	} else if (err == -EPROTO) {
		count(workers_killed);
		snprintf(text, size, "the worker talks nonsense");
	} else {
		char words[120];

		count(workers_died);
		process_last_words(r->process, words, sizeof(words));
		snprintf(text, size, "the worker %s", words);
	}
	return -EIO;
}

static const char *source_path(const struct job *job)
{
	return job->path ? job->path : job->rendition->track->path;
}

static const struct file_id *source_id(const struct job *job)
{
	return job->path ? &job->id.file : &job->rendition->track->id;
}

static int check_version(const struct render *r)
{
	struct file_id now;
	struct stat st;

	if (fstat(r->source, &st) != 0)
		return -errno;
	now = file_id_of(&st);
	return file_id_equal(&now, source_id(r->job)) ? 0 : -ESTALE;
}

static int open_source(struct render *r)
{
	const struct engine_config *config = &r->slot->engine->config;
	const char *path = source_path(r->job);

	r->source = config->open_source(config->context, path);
	if (r->source == -ENOENT)
		return -ESTALE;
	if (r->source < 0)
		return fail(r, r->source, strerror(-r->source));
	return check_version(r);
}

/* A cover that is gone or has changed leaves padding: the size stands. */
static void open_cover(struct render *r)
{
	const struct engine_config *config = &r->slot->engine->config;
	const struct track *track = r->job->rendition->track;
	struct file_id now;
	struct stat st;

	if (!track->cover_path || cover_tag_bytes(track->cover_id.size) == 0)
		return;
	r->for_now = true;
	r->cover = config->open_source(config->context, track->cover_path);
	if (r->cover < 0) {
		log_warn("cannot open the cover '%s': %s", track->cover_path,
			 strerror(-r->cover));
		return;
	}
	if (fstat(r->cover, &st) != 0)
		memset(&st, 0, sizeof(st));
	now = file_id_of(&st);
	r->for_now = !file_id_equal(&now, &track->cover_id);
	if (!r->for_now)
		return;
	close(r->cover);
	r->cover = -1;
}

static struct task make_task(struct render *r)
{
	const struct job *job = r->job;
	const struct rendition *rendition = job->rendition;
	struct task task;

	memset(&task, 0, sizeof(task));
	task.source = *source_id(job);
	if (job->id.kind == JOB_PROBE) {
		task.kind = TASK_PROBE;
		return task;
	}
	task.shape = rendition->plan.source;
	task.profile = rendition->plan.profile;
	if (job->id.kind == JOB_TAG) {
		task.kind = TASK_TAG;
		task.tag_size = rendition->tag_size;
		if (r->cover >= 0)
			task.cover_size =
				(uint32_t)rendition->track->cover_id.size;
		return task;
	}
	task.kind = TASK_SEGMENT;
	task.segment = job->id.segment;
	return task;
}

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Moves what the ring holds into the entry and tells those who wait. */
static int take_bytes(struct render *r)
{
	struct ring *ring = process_ring(r->process);
	struct entry *entry = (struct entry *)r->job->id.entry;
	uint8_t bytes[65536];
	ssize_t n;

	while ((n = ring_read(ring, bytes, sizeof(bytes))) > 0) {
		int err = check_version(r);

		if (!entry || (uint64_t)n > r->expected - r->taken)
			return lose(r, -EPROTO);
		if (!err)
			err = entry_append(entry, r->job->id.segment, bytes,
					   (size_t)n);
		if (err)
			return fail(r, err, strerror(-err));
		r->taken += (uint64_t)n;
		r->last_bytes = seconds_now();
		if (ring_somebody_waits(ring))
			process_room(r->process);
	}
	if (n < 0)
		return lose(r, -EPROTO);
	if (entry && r->taken < r->expected)
		engine_progress(r->slot->engine, r->job, r->taken);
	return 0;
}

static void take_note(const struct render *r, const struct report *report)
{
	switch (report->note) {
	case NOTE_RESTART:
		count(decode_restarts);
		break;
	case NOTE_SILENCE:
		count(silence_added);
		log_warn("'%s': %s", source_path(r->job), report->text);
		break;
	default:
		log_info("'%s': %s", source_path(r->job), report->text);
	}
}

/* A worker has little to say of one task; one that floods the log is ill. */
static int take_note_of_few(struct render *r, const struct report *report)
{
	if (++r->notes > NOTES_MAX)
		return lose(r, -EPROTO);
	r->for_now |= report->note == NOTE_SILENCE;
	take_note(r, report);
	return 0;
}

/* One report; 1 when it was the last. */
static int take_report(struct render *r, const struct report *report)
{
	switch (report->kind) {
	case REPORT_ALIVE:
		return 0;
	case REPORT_BYTES:
		return take_bytes(r);
	case REPORT_NOTE:
		return take_note_of_few(r, report);
	case REPORT_FACTS:
		r->outcome->facts = report->facts;
		return 0;
	case REPORT_DONE:
		r->answered = true;
		return 1;
	case REPORT_FAILED:
		r->answered = true;
		r->outcome->source_at_fault =
			report->error != -ENOMEM && report->error != -EIO;
		/* a worker's memory is its own: what was too much for it is an
		   unreadable file to the reader, and the log has the reason */
		return fail(r, -EIO, report->text);
	default:
		return lose(r, -EPROTO);
	}
}

/* A worker that shows life but makes nothing is stuck, too. */
static bool is_stuck(const struct render *r)
{
	time_t patience =
		(time_t)STUCK_FACTOR * r->slot->engine->config.timeout;

	return r->expected > 0 && seconds_now() - r->last_bytes > patience;
}

static int listen_to(struct render *r)
{
	struct report report;
	int err = 0;

	r->last_bytes = seconds_now();
	while (err == 0) {
		if (is_stuck(r))
			return lose(r, -ETIMEDOUT);
		err = process_receive(r->process,
				      r->slot->engine->config.timeout, &report);
		if (err)
			return lose(r, err);
		err = take_report(r, &report);
	}
	return err < 0 ? err : 0;
}

/* A cover that was written to while it was read: its bytes may be mixed. */
static int check_cover(const struct render *r)
{
	struct file_id now;
	struct stat st;

	if (r->cover < 0)
		return 0;
	if (fstat(r->cover, &st) != 0)
		return -errno;
	now = file_id_of(&st);
	return file_id_equal(&now, &r->job->rendition->track->cover_id)
		       ? 0
		       : -ESTALE;
}

static int converse(struct render *r)
{
	struct task task = make_task(r);
	int fds[2] = {r->source, r->cover};
	int err = process_send(r->process, &task, fds, r->cover >= 0 ? 2 : 1);

	if (err)
		return lose(r, err);
	err = listen_to(r);
	r->outcome->process_busy = !r->answered;
	if (err)
		return err;
	err = take_bytes(r);
	if (!err)
		err = check_cover(r);
	return err ? err : check_version(r);
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
	/* what is silent or lacks its cover now may be better the next time */
	if ((r->for_now ? entry_commit_for_now : entry_commit)(entry, segment))
		return lose(r, -EPROTO);
	r->outcome->in_memory = entry_in_memory(entry, segment);
	count_rendered(r);
	return 0;
}

static int check_facts(struct render *r)
{
	const struct facts *facts = &r->outcome->facts;

	if (facts->kind < FACTS_LOSSLESS || facts->kind > FACTS_OTHER ||
	    facts->rate > RATE_MAX || facts->channels > CHANNELS_MAX ||
	    facts->tag_size > TAG_MAX)
		return lose(r, -EPROTO);
	return 0;
}

void render(struct slot *slot, struct job *job, struct outcome *outcome)
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
	} else if (!err) {
		err = into_entry(&r);
	}
	outcome->err = err;
	if (r.source >= 0)
		close(r.source);
	if (r.cover >= 0)
		close(r.cover);
}
