/*
 * Listens to a worker: moves its bytes from the ring to their place, answers
 * its requests for blocks, and logs what it reports. Nothing that it says is
 * trusted: numbers are checked, floods are cut, and each task ends in time,
 * whatever the worker says (limits.c).
 *
 * The version of the source is checked each time something was made, and before
 * anybody may read it: what was decoded before that check was decoded from the
 * version that was planned for, so no reader ever gets a mixture.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/process.h"
#include "transcode/engine/render_private.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <string.h>

/* Seconds that a task goes on in case somebody comes. */
enum { PATIENCE = 2 };

int render_fail(struct render *r, int err, const char *reason)
{
	snprintf(r->outcome->reason, sizeof(r->outcome->reason), "%s", reason);
	return err;
}

int render_lose(struct render *r, int err)
{
	char *text = r->outcome->reason;
	size_t size = sizeof(r->outcome->reason);

	r->outcome->process_lost = true;
	if (err == -ETIMEDOUT) {
		count(workers_killed);
		snprintf(text, size, "the worker has not answered for %u s",
			 r->slot->engine->config.timeout);
	} else if (err == -EPROTO) {
		count(workers_killed);
		snprintf(text, size, "the worker broke the protocol");
	} else {
		char words[120];

		count(workers_died);
		r->outcome->process_ended =
			process_last_words(r->process, words, sizeof(words));
		snprintf(text, size, "the worker %s", words);
	}
	return -EIO;
}

const char *render_source_path(const struct job *job)
{
	return job->path ? job->path : job->rendition->track->path;
}

const struct file_id *render_source_id(const struct job *job)
{
	return job->path ? &job->id.file : &job->rendition->track->id;
}

int render_check_version(struct render *r)
{
	const struct rendition *rendition = r->job->rendition;
	int err = file_id_check(r->source, render_source_id(r->job));

	if (err != -ESTALE || !rendition || rendition->source < 0 ||
	    !file_id_stays(r->source, &rendition->track->id))
		return err;
	r->moved = true;
	return 0;
}

static int keep_loose(struct render *r, const void *bytes, size_t size)
{
	int err = 0;

	if (!r->loose)
		err = buffer_create("loose blocks", (size_t)r->expected,
				    &r->loose);
	if (!err &&
	    buffer_write(r->loose, r->taken, bytes, size) != (ssize_t)size)
		err = -EIO;
	return err;
}

static int keep_bytes(struct render *r, const void *bytes, size_t size)
{
	struct entry *entry = (struct entry *)r->job->id.entry;

	if (entry)
		return entry_append(entry, r->job->id.segment, bytes, size);
	return keep_loose(r, bytes, size);
}

static const char *why_not_kept(int err)
{
	return err == -EAGAIN ? "the cache's disk lost a part of it"
			      : strerror(-err);
}

/* Moves what the ring holds to its place and wakes those who wait. */
static int take_bytes(struct render *r)
{
	struct ring *ring = process_ring(r->process);
	uint8_t bytes[65536];
	ssize_t n;

	while ((n = ring_read(ring, bytes, sizeof(bytes))) > 0) {
		int err = render_check_version(r);

		if ((uint64_t)n > r->expected - r->taken)
			return render_lose(r, -EPROTO);
		if (!err)
			err = keep_bytes(r, bytes, (size_t)n);
		if (err)
			return render_fail(r, err, why_not_kept(err));
		r->taken += (uint64_t)n;
		r->last_bytes = clock_seconds();
		if (ring_somebody_waits(ring))
			process_room(r->process);
	}
	if (n < 0)
		return render_lose(r, -EPROTO);
	if (r->job->id.entry && r->taken < r->expected)
		engine_progress(r->slot->engine, r->job, r->taken);
	return 0;
}

/* Waiting for somebody else's block is not silence of this worker. */
static int lend(struct render *r, const struct report *report)
{
	const struct rendition *rendition = r->job->rendition;
	struct loan loan = report->loan;
	int64_t began = clock_seconds();
	int err;

	if (!rendition)
		return render_lose(r, -EPROTO);
	err = loans_want(&r->slot->loans, rendition->track, &rendition->plan,
			 &loan);
	limits_waited(r, clock_seconds() - began);
	if (!err)
		err = process_answer(r->process, &loan);
	return err ? render_lose(r, err) : 0;
}

/*
 * A worker that advances through the track makes progress, even without bytes.
 */
static void note_progress(struct render *r, const struct loan *loan)
{
	if (loan->offset == NO_OFFSET && loan->second <= r->furthest)
		return;
	if (loan->second > r->furthest)
		r->furthest = loan->second;
	r->last_bytes = clock_seconds();
}

/*
 * The version is checked before others may use the block: it was decoded from
 * the one that was planned for.
 */
static int take_filled(struct render *r, const struct report *report)
{
	const struct rendition *rendition = r->job->rendition;
	struct loan loan = report->loan;
	int err = render_check_version(r);

	if (err)
		return render_fail(r, err, strerror(-err));
	if (!rendition)
		return render_lose(r, -EPROTO);
	loan.damaged |= r->moved;
	err = loans_filled(&r->slot->loans, &rendition->plan, &loan);
	if (err)
		return render_lose(r, err);
	note_progress(r, &loan);
	return 0;
}

static int take_note(struct render *r, const struct report *report)
{
	r->for_now |= report->note == NOTE_SILENCE;
	switch (report->note) {
	case NOTE_RESTART:
		count(decode_restarts);
		break;
	case NOTE_SILENCE:
		count(silence_added);
		/* logged once: many small tasks read a track */
		log_line(r->job->rendition && atomic_flag_test_and_set(
						      &r->job->rendition
							       ->silence_told)
				 ? LOG_LEVEL_DEBUG
				 : LOG_LEVEL_WARN,
			 "'%s': %s", render_source_path(r->job), report->text);
		break;
	default:
		log_info("'%s': %s", render_source_path(r->job), report->text);
	}
	return 0;
}

/* One report; 1: it was the last. */
static int take_report(struct render *r, const struct report *report)
{
	int err;

	switch (report->kind) {
	case REPORT_ALIVE:
		return 0;
	case REPORT_BYTES:
		err = take_bytes(r);
		return err ? err : limits_check_bytes(r);
	case REPORT_NOTE:
		return take_note(r, report);
	case REPORT_WANT:
		return lend(r, report);
	case REPORT_FILLED:
		return take_filled(r, report);
	case REPORT_RETURNED:
		err = loans_returned(&r->slot->loans, &report->loan);
		return err ? render_lose(r, err) : 0;
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
		/* the heap limit is the worker's: to the reader, a file that
		   exceeds it cannot be read, and the log has the reason */
		return render_fail(r, -EIO,
				   *report->text ? report->text
						 : "no reason given");
	default:
		return render_lose(r, -EPROTO);
	}
}

/*
 * Checked once a second. What is nearly done is finished: it is kept, and the
 * next reader may want it.
 */
static bool is_unwanted(struct render *r)
{
	int64_t now = clock_seconds();

	if (now < r->look_next)
		return false;
	r->look_next = now + 1;
	r->outcome->unwanted = !engine_is_wanted(r->slot->engine, r->job);
	return r->outcome->unwanted;
}

/* In steps of a second, so that a worker that hangs can be given up. */
static int receive(struct render *r, struct report *report)
{
	int err = -ETIMEDOUT;

	for (unsigned s = r->slot->engine->config.timeout;
	     err == -ETIMEDOUT && s > 0; s--) {
		if (is_unwanted(r))
			return -ECANCELED;
		err = process_receive(r->process, 1, report);
	}
	if (!err)
		atomic_store(&r->slot->last_message, clock_ns());
	return err;
}

/* The next report, or the end of the task; 1: it was the last. */
static int listen_once(struct render *r)
{
	struct report report;
	int err = limits_check_time(r);

	if (err)
		return err;
	err = receive(r, &report);
	if (err)
		return err == -ECANCELED ? err : render_lose(r, err);
	err = limits_check_report(r, &report);
	return err ? err : take_report(r, &report);
}

int render_listen(struct render *r)
{
	int err;

	limits_begin(r);
	r->look_next = r->began + PATIENCE;
	do {
		err = listen_once(r);
	} while (err == 0);
	return err < 0 ? err : take_bytes(r);
}
