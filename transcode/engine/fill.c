/*
 * Filling: makes the parts of a file that nobody waits for yet. A rendition in
 * the list is walked once around, beginning where its reader is:
 *
 *    |.........|#########>...............|
 *              start     start + done
 *
 * Among the open files, the one with the least ready audio before its reader
 * comes first; the next tracks of albums come after all open files. Nothing is
 * queued: a slot asks when it has time, so a reader who leaves or jumps needs
 * no cleanup.
 */
#include "base/cleanup.h"
#include "transcode/engine/engine_private.h"
#include "transcode/engine/progress.h"
#include "transcode/engine/rendition.h"

#include <errno.h>

enum { NEXT_TRACKS_MAX = 2, NEXT_ANALYSES_MAX = 50 };

static uint32_t fill_segment(const struct rendition *r)
{
	return (uint32_t)(((uint64_t)r->fill_start + r->fill_done) %
			  r->plan.segments);
}

/* Segments between the reader and where filling has arrived. */
static int64_t fill_lead(const struct rendition *r)
{
	return (int64_t)r->fill_start + r->fill_done - r->fill_position;
}

static bool comes_first(const struct slot *slot, const struct rendition *a,
			const struct rendition *b)
{
	bool fits = choose_fill_fits_locked(a, slot);

	if (b && fits != choose_fill_fits_locked(b, slot))
		return fits;
	if (!b || a->rank != b->rank)
		return !b || a->rank < b->rank;
	if (plan_is_slow(&a->plan) != plan_is_slow(&b->plan))
		return plan_is_slow(&b->plan);
	return fill_lead(a) < fill_lead(b);
}

/* Finds the rendition's next segment that is neither cached nor being made. */
static bool next_segment_locked(struct rendition *r, struct job_id *id)
{
	for (; r->fill_done < r->plan.segments; r->fill_done++) {
		*id = job_id_of(JOB_SEGMENT, r->body, fill_segment(r));
		if (!entry_has(r->body, id->segment) &&
		    !jobs_find(r->engine->jobs, id))
			return true;
	}
	return false;
}

static bool next_tag_locked(struct rendition *r, struct job_id *id)
{
	if (!r->tag || entry_has(r->tag, 0))
		return false;
	*id = job_id_of(JOB_TAG, r->tag, 0);
	return !jobs_find(r->engine->jobs, id);
}

static struct rendition *choose_locked(const struct slot *slot)
{
	struct rendition *best = NULL;
	struct rendition *r;

	TAILQ_FOREACH (r, &slot->engine->fills, fill_link) {
		if (comes_first(slot, r, best))
			best = r;
	}
	return best;
}

bool fill_remove_locked(struct rendition *r)
{
	if (r->rank == FILL_NONE)
		return false;
	TAILQ_REMOVE(&r->engine->fills, r, fill_link);
	r->rank = FILL_NONE;
	return true;
}

int fill_next_locked(const struct slot *slot, struct job_id *id,
		     struct rendition **rendition)
{
	struct rendition *r = choose_locked(slot);

	if (!r || (slot->spare && !choose_fill_fits_locked(r, slot)))
		return -ENOENT;
	*rendition = r;
	if (next_tag_locked(r, id) || next_segment_locked(r, id))
		return 0;
	fill_remove_locked(r);
	return -EAGAIN;
}

static void add_locked(struct rendition *r, enum fill_rank rank,
		       uint32_t segment)
{
	if (r->rank == FILL_NONE) {
		rendition_ref(r);
		TAILQ_INSERT_TAIL(&r->engine->fills, r, fill_link);
	}
	r->rank = rank;
	r->fill_start = segment;
	r->fill_done = 0;
	r->fill_position = segment;
	r->watched = true;
	pthread_cond_broadcast(&r->engine->work[false]);
	pthread_cond_signal(&r->engine->watch[false]);
}

static bool in_what_was_filled(const struct rendition *r, uint32_t segment)
{
	return segment >= r->fill_start &&
	       segment <= (uint64_t)r->fill_start + r->fill_done;
}

static uint32_t segment_at(const struct rendition *r, uint64_t offset)
{
	uint64_t before = (uint64_t)r->tag_size + r->plan.head_size;
	uint64_t last = r->plan.body_size - 1;

	offset = offset > before ? offset - before : 0;
	return entry_segment_at(r->body, offset < last ? offset : last);
}

void rendition_fill(struct rendition *r, uint64_t offset)
{
	uint32_t segment;

	if (!r->body || rendition_complete(r))
		return;
	segment = segment_at(r, offset);
	auto_lock(&r->engine->lock);
	if (r->rank == FILL_OPEN && in_what_was_filled(r, segment))
		r->fill_position = segment;
	else if (!r->engine->stopping && !r->fill_failed)
		add_locked(r, FILL_OPEN, segment);
}

/* The oldest next track gives way, or the oldest analysis. */
static struct rendition *crowded_out_locked(struct engine *engine, bool slow)
{
	const unsigned limit = slow ? NEXT_ANALYSES_MAX : NEXT_TRACKS_MAX;
	struct rendition *oldest = NULL;
	struct rendition *r;
	unsigned n = 0;

	TAILQ_FOREACH (r, &engine->fills, fill_link) {
		if (r->rank != FILL_NEXT || plan_is_slow(&r->plan) != slow)
			continue;
		if (n++ == 0)
			oldest = r;
	}
	if (n <= limit)
		return NULL;
	fill_remove_locked(oldest);
	return oldest;
}

void rendition_fill_next(struct rendition *r)
{
	struct rendition *out = NULL;

	if (!r->body || rendition_complete(r))
		return;
	pthread_mutex_lock(&r->engine->lock);
	if (r->rank == FILL_NONE && !r->engine->stopping && !r->fill_failed) {
		add_locked(r, FILL_NEXT, 0);
		out = crowded_out_locked(r->engine, plan_is_slow(&r->plan));
	}
	pthread_mutex_unlock(&r->engine->lock);
	progress_left(r->engine, out);
	rendition_unref(out);
}

void rendition_idle(struct rendition *r)
{
	bool removed = false;

	pthread_mutex_lock(&r->engine->lock);
	if (r->rank == FILL_OPEN)
		removed = fill_remove_locked(r);
	pthread_mutex_unlock(&r->engine->lock);
	progress_left(r->engine, r);
	if (removed)
		rendition_unref(r);
}
