/*
 * One track in one quality. The engine answers each question in turn, so the
 * job is a row of steps:
 *
 *   begin -> resolve() -> resolved -> rendition_make() -> made -> end
 *     ^                                                    |
 *     +----- the file has changed meanwhile: a few times --+
 */
#include "tasks/core.h"
#include "tasks/precache_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 3 };

struct track_job {
	struct batch_job job;
	struct precache *precache;
	unsigned tries;
	struct precached precached;

	/* the question and the answer */
	int err;
	struct node *node;
	struct rendition *rendition;
	bool damaged;

	const struct view *view;
	char path[];
};

static void release_answer(struct track_job *t)
{
	rendition_unref(t->rendition);
	t->rendition = NULL;
	node_destroy(t->node);
	t->node = NULL;
}

static void destroy_track(struct batch_job *job)
{
	struct track_job *t = (struct track_job *)job;

	release_answer(t);
	free(t->precached.shown);
	free(t);
}

static void find_reason(const struct track_job *t, char *reason, size_t size)
{
	const struct node *node = t->node;
	struct engine *engine = t->precache->core->catalog.engine;
	struct facts facts;

	*reason = '\0';
	if (t->damaged)
		snprintf(reason, size, "it is damaged and was not cached");
	else if (t->rendition)
		rendition_failure(t->rendition, reason, size);
	else if (node && !node->track &&
		 engine_facts_known(engine, &node->id, &facts) == 0)
		snprintf(reason, size, "%s", facts.reason);
	if (!*reason)
		snprintf(reason, size, "%s", strerror(-t->err));
}

static void end_track(struct track_job *t)
{
	struct precache *p = t->precache;
	struct precached *precached = &t->precached;
	char reason[200];

	if (t->err) {
		find_reason(t, reason, sizeof(reason));
		precached->status = PRECACHE_FAILED;
		precached->reason = reason;
		precached->err = t->err;
	}
	/* what failed because everything ends has not failed */
	if (!batch_stopped(&p->batch))
		p->reports.done(p->reports.arg, precached);
	batch_end(&t->job);
}

static void begin_track(struct batch_job *job);

/* A new file may still be written to, or get its time stamps. */
static void fail_track(struct track_job *t, int err)
{
	t->err = err;
	if (err != -ESTALE || ++t->tries == TRIES) {
		end_track(t);
		return;
	}
	release_answer(t);
	begin_track(&t->job);
}

static void made(struct batch_job *job)
{
	struct track_job *t = (struct track_job *)job;

	if (t->err) {
		fail_track(t, t->err);
	} else if (rendition_is_for_now(t->rendition)) {
		t->damaged = true;
		fail_track(t, -EIO);
	} else {
		end_track(t);
	}
}

static void on_made(void *arg, int err)
{
	struct track_job *t = arg;

	t->err = err;
	batch_answer(&t->job);
}

static bool is_stopped(void *arg)
{
	const struct track_job *t = arg;

	return batch_stopped(&t->precache->batch);
}

static void make(struct track_job *t)
{
	const struct track_facts *facts = &t->node->track->facts;
	const struct plan plan = node_plan(t->node);
	struct precached *precached = &t->precached;
	int err = rendition_open(t->precache->core->catalog.engine,
				 t->node->track, &plan, &t->rendition);

	if (err) {
		fail_track(t, err);
		return;
	}
	precached->seconds = (double)facts->samples / facts->rate;
	precached->bytes = rendition_size(t->rendition);
	t->job.step = made;
	if (rendition_complete(t->rendition)) {
		precached->status = PRECACHE_THERE;
		made(&t->job);
	} else {
		precached->status = PRECACHE_CACHED;
		rendition_make(t->rendition, is_stopped, on_made, t);
	}
}

/* A source that may not be read is shown, too, but has no facts. */
static int of_unreadable(const struct track_job *t)
{
	struct engine *engine = t->precache->core->catalog.engine;
	struct facts facts;

	return engine_facts_known(engine, &t->node->id, &facts) == 0 ? -EIO
								     : -EACCES;
}

static void resolved(struct batch_job *job)
{
	struct track_job *t = (struct track_job *)job;

	if (t->err) {
		fail_track(t, t->err);
	} else if (t->node->kind != NODE_TRACK) {
		t->precached.status = PRECACHE_PASSES;
		end_track(t);
	} else if (!t->node->track) {
		fail_track(t, of_unreadable(t));
	} else {
		make(t);
	}
}

static void on_node(void *arg, int err, struct node *node)
{
	struct track_job *t = arg;

	t->err = err;
	t->node = err ? NULL : node;
	batch_answer(&t->job);
}

static void begin_track(struct batch_job *job)
{
	struct track_job *t = (struct track_job *)job;
	struct precache *p = t->precache;
	struct finder *finder = &p->finder;
	struct precached *precached = &t->precached;
	int err = find_item(&p->core->catalog, t->view, t->path, finder);

	if (err) {
		fail_track(t, err);
		return;
	}
	if (!precached->shown) {
		precached->shown =
			node_mount_path(t->view, finder->listing, finder->item);
		p->reports.begun(p->reports.arg, precached);
	}
	job->step = resolved;
	resolve(&p->core->catalog, t->view, finder->listing, finder->item, NULL,
		on_node, t);
}

int precache_track(struct precache *p, const struct view *view,
		   const char *path)
{
	size_t size = strlen(path) + 1;
	struct track_job *t = calloc(1, sizeof(*t) + size);

	if (!t)
		return -ENOMEM;
	t->job = (struct batch_job){.step = begin_track,
				    .destroy = destroy_track};
	t->precache = p;
	t->view = view;
	memcpy(t->path, path, size);
	t->precached = (struct precached){
		.number = ++p->given, .path = t->path, .quality = view->name};
	batch_add(&p->batch, &t->job);
	return 0;
}
