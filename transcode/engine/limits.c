/*
 * How much time, talk and heap a worker may use for a task. The limits follow
 * from what the task has to do, so that even a worker that was taken over ends:
 * one that goes on for ever saying that it is alive, or asking for blocks, or
 * giving a byte now and then. So does one whose file unpacks to gigabytes.
 *
 *    stuck     neither a byte nor a second of audio for as long as it takes to
 *              decode all that comes before; a background worker may have to
 *              wait for the processor
 *    too long  many times what a slow disk and processor need
 *    a flood   more reports than any task needs: bytes are announced when there
 *              are some, a block is filled when it was asked for, and life is
 *              shown once a second
 *
 * A worker that is stuck may have been spoiled by an earlier task, so a new
 * worker tries the job again. What took too long would do so again.
 */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "transcode/engine/process.h"
#include "transcode/engine/render_private.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Time limits: for headers; without progress; for the whole task. */
enum { LOOK_FACTOR = 3, STUCK_FACTOR = 30, TASK_FACTOR = 30 };

/* In terms of the track's duration, for a complete analysis. */
enum { AUDIO_FACTOR = 4 };
enum { BYTES_PER_SECOND = 5 << 20 };

/* For one task; if it says nothing for longer, it is taken to be ill. */
enum { NOTES_MAX = 64 };

/* Reports per second, and at the start. */
enum { ALIVE_RATE = 4, ALIVE_FIRST = 8 };

/* For each second of the track: its kinds, each several times. */
enum { WANTS_PER_SECOND = 32, WANTS_FIRST = 256 };

/*
 * Heap limits: for libraries, headers, tags and their pictures, and the index
 * of packets of many hours; for a picture that is scaled down
 * (worker/tags/image.h: 40 million pixels); for each second of a track, whose
 * packets are listed and whose measures are kept; and for blocks that a worker
 * makes for itself, because the pool has no room.
 */
enum { LOOK_MEMORY = 320 << 20, PICTURE_MEMORY = 320 << 20 };
enum { SECOND_MEMORY = 8 << 10, BLOCKS_OF_ITS_OWN = 12 };

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Only allocated bytes count: a file that is nearly all hole gets no more time
 * for what it claims. Some file systems do not report them.
 */
static int64_t seconds_to_read(const struct render *r)
{
	struct stat st;

	if (fstat(r->source, &st) != 0)
		return 0;
	return (st.st_blocks > 0 ? (int64_t)st.st_blocks * 512 : st.st_size) /
	       BYTES_PER_SECOND;
}

static int64_t seconds_of_audio(const struct render *r)
{
	const struct rendition *rendition = r->job->rendition;

	if (!rendition)
		return 0;
	return (int64_t)(rendition->plan.source.samples /
			 rendition->plan.source.rate);
}

static bool is_in_background(const struct render *r)
{
	return !atomic_load(&r->slot->loans.filler.urgent);
}

static int64_t time_without_progress(const struct render *r)
{
	const int64_t timeout = r->slot->engine->config.timeout;

	if (is_in_background(r))
		return STUCK_FACTOR * timeout;
	return min(STUCK_FACTOR * timeout,
		   LOOK_FACTOR * timeout + r->reading + seconds_of_audio(r));
}

static int64_t time_allowed(const struct render *r)
{
	const int64_t timeout = r->slot->engine->config.timeout;
	const struct rendition *rendition = r->job->rendition;

	if (!rendition || r->job->id.kind == JOB_TAG)
		return min(LOOK_FACTOR * timeout + r->reading,
			   TASK_FACTOR * timeout);
	if (plan_is_slow(&rendition->plan) || is_in_background(r))
		return TASK_FACTOR * timeout + r->reading +
		       AUDIO_FACTOR * seconds_of_audio(r);
	return 2 * time_without_progress(r);
}

static uint64_t heap_allowed(const struct render *r)
{
	const struct rendition *rendition = r->job->rendition;
	const bool converts = (!rendition || r->job->id.kind == JOB_TAG) &&
			      r->slot->engine->config.cover_max > 0;
	uint64_t bytes = LOOK_MEMORY + (converts ? PICTURE_MEMORY : 0);
	struct pcm_layout layout;

	if (!rendition)
		return bytes;
	layout = plan_layout(&rendition->plan);
	if (layout.rate < rendition->plan.source.rate)
		layout.rate = rendition->plan.source.rate;
	layout.channels = rendition->plan.source.channels;
	layout.format = PCM_FLOAT;
	return bytes + SECOND_MEMORY * (uint64_t)seconds_of_audio(r) +
	       BLOCKS_OF_ITS_OWN * pcm_block_bytes(&layout);
}

/*
 * Limits the worker's own heap, without libraries and shared memory; it cannot
 * raise the limit itself. A worker without any limit runs under a sanitizer.
 */
void limits_heap(const struct render *r)
{
	const pid_t pid = process_pid(r->process);
	struct rlimit limit;
	uint64_t bytes = heap_allowed(r);

	if (prlimit(pid, RLIMIT_DATA, NULL, &limit) != 0 ||
	    limit.rlim_max == RLIM_INFINITY)
		return;
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	if (prlimit(pid, RLIMIT_DATA, &limit, NULL) != 0)
		log_debug("cannot limit a worker's memory: %s",
			  strerror(errno));
}

void limits_begin(struct render *r)
{
	r->began = clock_seconds();
	r->last_bytes = r->began;
	r->reading = seconds_to_read(r);
}

/*
 * Waiting for another worker's block is not this one's fault; but two of them
 * may do nothing else.
 */
void limits_waited(struct render *r, int64_t seconds)
{
	r->last_bytes += seconds;
	r->waited = min(r->waited + seconds, time_allowed(r));
}

/*
 * It shows life, but would go on for ever: trying again would not help. In the
 * background it may have waited for the processor, which says nothing about the
 * file.
 */
static int give_up(struct render *r, int64_t allowed)
{
	count(workers_killed);
	r->outcome->process_lost = true;
	r->outcome->too_long = true;
	r->outcome->process_ended = is_in_background(r);
	snprintf(r->outcome->reason, sizeof(r->outcome->reason),
		 "the worker was not finished after %lld s",
		 (long long)allowed);
	return -EIO;
}

int limits_check_time(struct render *r)
{
	const int64_t allowed = time_allowed(r);
	const int64_t now = clock_seconds();

	if (now > r->began + r->waited + allowed)
		return give_up(r, allowed);
	if (r->expected > 0 && now - r->last_bytes > time_without_progress(r))
		return render_lose(r, -ETIMEDOUT);
	return 0;
}

/* Reports of bytes are checked once the bytes have been taken. */
int limits_check_report(struct render *r, const struct report *report)
{
	uint64_t allowed = UINT64_MAX;
	uint64_t *said;

	switch (report->kind) {
	case REPORT_ALIVE:
		said = &r->said.alive;
		allowed = ALIVE_FIRST +
			  ALIVE_RATE * (uint64_t)(clock_seconds() - r->began);
		break;
	case REPORT_FACTS:
		said = &r->said.facts;
		allowed = r->job->id.kind == JOB_PROBE;
		break;
	case REPORT_NOTE:
		said = &r->said.notes;
		allowed = NOTES_MAX;
		break;
	case REPORT_WANT:
		said = &r->said.wants;
		allowed = WANTS_FIRST +
			  WANTS_PER_SECOND * (uint64_t)seconds_of_audio(r);
		break;
	case REPORT_FILLED:
		said = &r->said.filled;
		allowed = r->said.wants;
		break;
	case REPORT_BYTES:
		said = &r->said.bytes;
		allowed = r->expected;
		break;
	default:
		return 0;
	}
	return ++*said > allowed ? render_lose(r, -EPROTO) : 0;
}

int limits_check_bytes(struct render *r)
{
	return r->said.bytes > r->taken ? render_lose(r, -EPROTO) : 0;
}
