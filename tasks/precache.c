/* See precache.h. */
#include "tasks/precache.h"

#include "base/cleanup.h"
#include "base/latch.h"
#include "library/library.h"
#include "tasks/core.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

enum { TRIES = 3 }; /* of a file that changes meanwhile */

struct wish {
	STAILQ_ENTRY(wish) link;
	const struct view *view;
	unsigned number;
	char path[];
};

struct precacher {
	struct precache_config config;
	unsigned started;
	pthread_t *threads;

	pthread_mutex_t lock;
	pthread_cond_t change; /* of all below */
	STAILQ_HEAD(, wish) wishes;
	unsigned given; /* wishes */
	unsigned busy;	/* threads */
	bool stopped;

	pthread_mutex_t reporting;
};

/* Where a thread waits for one answer after the other. */
struct answer {
	struct precacher *precacher;
	struct finder finder;
	struct latch latch;
	int err;
};

static void on_made(void *arg, int err)
{
	struct answer *answer = arg;

	answer->err = err;
	latch_open(&answer->latch);
}

static bool is_stopped(void *arg)
{
	struct answer *answer = arg;

	return precacher_stopped(answer->precacher);
}

static int make(struct core *core, struct answer *answer,
		struct precached *precached, char *reason, size_t size)
{
	const struct node *node = answer->finder.node;
	const struct facts *facts = &node->track->facts;
	struct rendition *rendition;
	int err = rendition_open(core->catalog.engine, node->track, &node->plan,
				 &rendition);

	if (err)
		return err;
	precached->seconds = (double)facts->samples / facts->rate;
	precached->bytes = rendition_size(rendition);
	precached->status = PRECACHE_THERE;
	if (!rendition_complete(rendition)) {
		precached->status = PRECACHE_CACHED;
		rendition_make(rendition, is_stopped, on_made, answer);
		latch_wait(&answer->latch);
		err = answer->err;
	}
	if (err)
		rendition_failure(rendition, reason, size);
	else if (rendition_is_for_now(rendition)) {
		snprintf(reason, size, "it is damaged, and is not kept");
		err = -EIO;
	}
	rendition_unref(rendition);
	return err;
}

static void find_reason(struct core *core, const struct node *node, int err,
			char *reason, size_t size)
{
	struct facts facts;

	if (node && !node->track &&
	    engine_facts_known(core->catalog.engine, &node->id, &facts) == 0)
		snprintf(reason, size, "%s", facts.reason);
	if (!*reason)
		snprintf(reason, size, "%s", strerror(-err));
}

static int try(struct precacher *p, const struct wish *wish,
	       struct answer *answer, struct precached *precached, char *reason,
	       size_t size)
{
	struct finder *finder = &answer->finder;
	struct core *core = p->config.core;
	int err = find_node(&core->catalog, wish->view, wish->path, finder);

	if (!err && !precached->shown) {
		precached->shown =
			resolve_key(wish->view, finder->listing, finder->item);
		p->config.begun(p->config.arg, precached);
	}
	if (!err && finder->item->kind != ITEM_TRACK)
		precached->status = PRECACHE_PASSES;
	else if (!err && !finder->node->track)
		err = -EIO;
	else if (!err)
		err = make(core, answer, precached, reason, size);
	return err;
}

/* A file that just came is still written to, or given its times, now and then.
 */
static void work_on(struct precacher *p, const struct wish *wish,
		    struct answer *answer, struct precached *precached,
		    char *reason, size_t size)
{
	struct finder *finder = &answer->finder;
	struct core *core = p->config.core;
	int err = -ESTALE;

	for (unsigned i = 0; i < TRIES && err == -ESTALE; i++)
		err = try(p, wish, answer, precached, reason, size);
	if (err) {
		precached->status = PRECACHE_FAILED;
		find_reason(core, finder->node, err, reason, size);
		precached->reason = reason;
		precached->err = err;
	}
}

bool precacher_stopped(struct precacher *p)
{
	bool stopped;

	pthread_mutex_lock(&p->lock);
	stopped = p->stopped;
	pthread_mutex_unlock(&p->lock);
	return stopped;
}

static void fulfil(struct precacher *p, const struct wish *wish,
		   struct answer *answer)
{
	struct precached precached = {.number = wish->number,
				      .path = wish->path,
				      .quality = wish->view->name};
	char reason[200] = "";

	work_on(p, wish, answer, &precached, reason, sizeof(reason));
	pthread_mutex_lock(&p->reporting);
	/* what failed because all ends has not failed */
	if (!precacher_stopped(p))
		p->config.done(p->config.arg, &precached);
	pthread_mutex_unlock(&p->reporting);
	free(precached.shown);
}

/* NULL: it is over. */
static struct wish *take(struct precacher *p)
{
	struct wish *wish;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped && STAILQ_EMPTY(&p->wishes))
		pthread_cond_wait(&p->change, &p->lock);
	wish = p->stopped ? NULL : STAILQ_FIRST(&p->wishes);
	if (wish) {
		STAILQ_REMOVE_HEAD(&p->wishes, link);
		p->busy++;
	}
	pthread_mutex_unlock(&p->lock);
	return wish;
}

static void *run(void *arg)
{
	struct precacher *p = arg;
	struct answer answer = {.precacher = p,
				.finder = FINDER_INITIALIZER,
				.latch = LATCH_INITIALIZER};
	struct wish *wish;

	while ((wish = take(p))) {
		fulfil(p, wish, &answer);
		free(wish);
		pthread_mutex_lock(&p->lock);
		p->busy--;
		pthread_cond_broadcast(&p->change);
		pthread_mutex_unlock(&p->lock);
	}
	finder_release(&answer.finder);
	return NULL;
}

static int start(struct precacher *p)
{
	p->threads = calloc(p->config.threads, sizeof(*p->threads));
	if (!p->threads)
		return -ENOMEM;
	while (p->started < p->config.threads) {
		int err =
			-pthread_create(&p->threads[p->started], NULL, run, p);

		if (err)
			return err;
		p->started++;
	}
	return 0;
}

int precacher_create(const struct precache_config *config,
		     struct precacher **precacher)
{
	struct precacher *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->config = *config;
	STAILQ_INIT(&p->wishes);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->reporting, NULL);
	pthread_cond_init(&p->change, NULL);
	err = start(p);
	if (err) {
		precacher_destroy(p);
		return err;
	}
	*precacher = p;
	return 0;
}

int precacher_add(struct precacher *p, const struct view *view,
		  const char *path)
{
	size_t size = strlen(path) + 1;
	struct wish *wish = malloc(sizeof(*wish) + size);

	if (!wish)
		return -ENOMEM;
	wish->view = view;
	memcpy(wish->path, path, size);
	pthread_mutex_lock(&p->lock);
	wish->number = ++p->given;
	STAILQ_INSERT_TAIL(&p->wishes, wish, link);
	pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

void precacher_wait(struct precacher *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->stopped && (p->busy > 0 || !STAILQ_EMPTY(&p->wishes)))
		pthread_cond_wait(&p->change, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void precacher_stop(struct precacher *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopped = true;
	pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
}

void precacher_destroy(struct precacher *p)
{
	struct wish *wish;

	if (!p)
		return;
	precacher_stop(p);
	for (unsigned i = 0; i < p->started; i++)
		pthread_join(p->threads[i], NULL);
	while ((wish = STAILQ_FIRST(&p->wishes))) {
		STAILQ_REMOVE_HEAD(&p->wishes, link);
		free(wish);
	}
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->reporting);
	free(p->threads);
	free(p);
}

const char *precache_word(enum precache_status status)
{
	static const char *const words[] = {
		[PRECACHE_CACHED] = "cached",
		[PRECACHE_THERE] = "there",
		[PRECACHE_PASSES] = "passes",
		[PRECACHE_FAILED] = "failed",
	};

	return words[status];
}
