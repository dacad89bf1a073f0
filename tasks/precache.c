/* See precache.h. */
#include "tasks/precache.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/words.h"
#include "library/library.h"
#include "tasks/core.h"
#include "tasks/precache_private.h"

#include <errno.h>
#include <string.h>

static int add_view(struct precache *p, const char *name)
{
	const struct view *view = views_find(&p->core->catalog.views, name);

	if (!view || view->kind != VIEW_QUALITY) {
		log_error("cannot cache: there is no quality '%s'", name);
		return -EINVAL;
	}
	for (unsigned i = 0; i < p->view_count; i++) {
		if (p->views[i] == view)
			return 0;
	}
	p->views[p->view_count++] = view;
	return 0;
}

/* "medium", or the first quality if there is none of that name. */
static const char *usual_view(const struct views *views)
{
	unsigned i = 0;

	if (views_find(views, "medium"))
		return "medium";
	while (i < views->rooted_count && views->rooted[i].kind != VIEW_QUALITY)
		i++;
	return i < views->rooted_count ? views->rooted[i].name : "";
}

static int add_views(struct precache *p, const char *names)
{
	auto_free char *copy = strdup(names);
	char *rest = copy;
	char *name;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (name = words_next(&rest)))
		err = add_view(p, name);
	if (!err && p->view_count == 0) {
		log_error("cannot cache: '%s' names no quality", names);
		err = -EINVAL;
	}
	return err;
}

int precache_create(struct core *core, const char *qualities, unsigned at_once,
		    const struct precache_reports *reports,
		    struct precache **precache)
{
	struct precache *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->core = core;
	p->reports = *reports;
	p->finder = (struct finder)FINDER_INITIALIZER;
	batch_init(&p->batch, at_once);
	if (!qualities || !*qualities)
		qualities = usual_view(&core->catalog.views);
	err = add_views(p, qualities);
	if (err) {
		precache_destroy(p);
		return err;
	}
	*precache = p;
	return 0;
}

static int on_found(void *arg, const char *path)
{
	struct precache *p = arg;
	int err = 0;

	for (unsigned i = 0; !err && i < p->view_count; i++)
		err = precache_track(p, p->views[i], path);
	return err;
}

static void on_walk_missing(void *arg, const char *path, const char *reason)
{
	const struct precache *p = arg;

	p->reports.missing(p->reports.arg, path, reason);
}

static bool is_walk_stopped(void *arg)
{
	struct precache *p = arg;

	return batch_stopped(&p->batch);
}

int precache_add(struct precache *p, const char *path, size_t *count)
{
	const struct walk_reports reports = {on_found, on_walk_missing,
					     is_walk_stopped, p};
	const char *inside = path; /* "" is the library itself */
	unsigned before = p->given;
	int err = 0;

	if (*path == '/')
		inside = path_within(path, p->core->catalog.path);
	if (inside || playlist_is(path))
		err = library_walk(&p->core->catalog, inside ? inside : path,
				   &reports);
	else
		on_walk_missing(p, path, "it is not in the library");
	*count = p->given - before;
	return err;
}

/* New files are added on the batch's thread. */
struct arrival {
	struct batch_job job;
	struct precache *precache;
	char path[];
};

static void add_arrival(struct batch_job *job)
{
	struct arrival *arrival = (struct arrival *)job;
	size_t count;

	if (precache_add(arrival->precache, arrival->path, &count) != 0)
		log_warn("cannot cache '%s': %s", arrival->path,
			 strerror(ENOMEM));
	batch_end(job);
}

static void on_appeared(void *arg, const char *path)
{
	struct precache *p = arg;
	size_t size = strlen(path) + 1;
	struct arrival *arrival;

	if (!name_is_audio(path) && !playlist_is(path))
		return;
	arrival = malloc(sizeof(*arrival) + size);
	if (!arrival) {
		log_warn("cannot cache '%s': %s", path, strerror(ENOMEM));
		return;
	}
	*arrival = (struct arrival){{.step = add_arrival}, p};
	memcpy(arrival->path, path, size);
	batch_add(&p->batch, &arrival->job);
}

int precache_watch(struct precache *p)
{
	batch_keep_open(&p->batch);
	return watch_create(p->core->catalog.library, on_appeared, p,
			    &p->watch);
}

void precache_run(struct precache *p)
{
	batch_run(&p->batch);
}

void precache_stop(struct precache *p)
{
	batch_stop(&p->batch);
}

bool precache_end(struct precache *p, int64_t until)
{
	return watch_end(p->watch, until);
}

void precache_drain(struct precache *p)
{
	batch_drain(&p->batch);
	finder_release(&p->finder);
}

void precache_destroy(struct precache *p)
{
	if (!p)
		return;
	watch_destroy(p->watch);
	precache_drain(p);
	batch_release(&p->batch);
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
