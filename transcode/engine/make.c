/*
 * Makes all of a rendition in advance: its tag and its segments, one after the
 * other, at the lowest priority. What is there already costs nothing.
 */
#include "transcode/engine/engine_private.h"
#include "transcode/engine/rendition.h"

#include <errno.h>
#include <stdlib.h>

struct making {
	struct wait wait;
	struct rendition *rendition;
	uint32_t next;		    /* the segment that is checked next */
	bool (*stopped)(void *arg); /* nothing more is wanted */
	rendition_made_fn *fn;
	void *arg;
};

static void finish_making(struct making *m, int err)
{
	struct rendition *r = m->rendition;

	m->fn(m->arg, err);
	rendition_unref(r);
	free(m);
}

/* False: nothing is missing. */
static bool find_missing(struct making *m, struct job_id *id)
{
	struct rendition *r = m->rendition;

	if (r->tag && !entry_has(r->tag, 0)) {
		*id = job_id_of(JOB_TAG, r->tag, 0);
		return true;
	}
	while (m->next < r->plan.segments && entry_has(r->body, m->next))
		m->next++;
	*id = job_id_of(JOB_SEGMENT, r->body, m->next);
	return m->next < r->plan.segments;
}

static void advance(struct making *m)
{
	struct job_id id;
	int err;

	do {
		if (!find_missing(m, &id)) {
			finish_making(m, 0);
			return;
		}
		err = engine_await(m->rendition->engine, &m->wait, &id, NULL,
				   m->rendition, false);
	} while (err == -EAGAIN);
	if (err)
		finish_making(m, err);
}

/* What the cache's disk refuses would only evict other fallback segments. */
static bool found_no_room(const struct making *m)
{
	struct entry *body = m->rendition->body;

	return m->next < m->rendition->plan.segments &&
	       entry_is_fallback(body, m->next);
}

static void wake(struct wait *wait, int err, const struct facts *facts)
{
	struct making *m = (struct making *)wait;

	(void)facts;
	if (err && err != -EAGAIN)
		finish_making(m, err);
	else if (found_no_room(m))
		finish_making(m, -ENOSPC);
	else if (m->stopped(m->arg))
		finish_making(m, -ECANCELED);
	else
		advance(m);
}

void rendition_make(struct rendition *r, bool (*stopped)(void *arg),
		    rendition_made_fn *fn, void *arg)
{
	struct making *m = malloc(sizeof(*m));

	if (!m) {
		fn(arg, -ENOMEM);
		return;
	}
	*m = (struct making){
		.wait = {.need = UINT64_MAX, .rendition = r, .wake = wake},
		.rendition = rendition_ref(r),
		.stopped = stopped,
		.fn = fn,
		.arg = arg,
	};
	advance(m);
}

bool rendition_is_for_now(const struct rendition *r)
{
	return r->body && entry_is_for_now(r->body);
}
