/* See precaching.h. */
#include "tasks/precaching.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/words.h"
#include "library/library.h"
#include "tasks/core.h"
#include "tasks/precache_find.h"

#include <errno.h>
#include <string.h>

struct precaching {
	struct core *core;
	struct core *own; /* the same, if this has made it */
	struct precaching_reports reports;
	const struct view *views[VIEWS_ROOTED_MAX];
	unsigned view_count;
	struct precacher *precacher;
	struct watch *watch;
};

/* One path that is being added. */
struct adding {
	struct precaching *precaching;
	size_t count;
};

static int add_view(struct precaching *p, const char *name)
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

/* "medium", or in its absence the first quality. */
static int add_usual_view(struct precaching *p)
{
	const struct views *views = &p->core->catalog.views;

	if (views_find(views, "medium"))
		return add_view(p, "medium");
	for (unsigned i = 0; i < views->rooted_count; i++) {
		if (views->rooted[i].kind == VIEW_QUALITY)
			return add_view(p, views->rooted[i].name);
	}
	return -EINVAL;
}

static int add_views(struct precaching *p, const char *names)
{
	auto_free char *copy = strdup(names);
	char *rest = copy;
	char *name;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (name = words_next(&rest)))
		err = add_view(p, name);
	if (!err && p->view_count == 0) {
		log_error("cannot cache '%s': it names no quality", names);
		err = -EINVAL;
	}
	return err;
}

static void begun(void *arg, const struct precached *precached)
{
	struct precaching *p = arg;

	p->reports.begun(p->reports.arg, precached);
}

static void done(void *arg, const struct precached *precached)
{
	struct precaching *p = arg;

	p->reports.done(p->reports.arg, precached);
}

static int start(struct precaching *p, const char *qualities, unsigned threads)
{
	const struct precache_config config = {
		.core = p->core,
		.threads = threads,
		.begun = begun,
		.done = done,
		.arg = p,
	};
	int err = qualities && *qualities ? add_views(p, qualities)
					  : add_usual_view(p);

	return err ? err : precacher_create(&config, &p->precacher);
}

int precaching_create(struct core *core, const char *qualities,
		      unsigned threads,
		      const struct precaching_reports *reports,
		      struct precaching **precaching)
{
	struct precaching *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->core = core;
	p->reports = *reports;
	err = start(p, qualities, threads);
	if (err) {
		precaching_destroy(p);
		return err;
	}
	*precaching = p;
	return 0;
}

static int set_up(struct precaching *p, const struct core_options *options,
		  const char *qualities)
{
	int err;

	p->core = p->own = calloc(1, sizeof(*p->own));
	if (!p->own)
		return -ENOMEM;
	err = core_open(p->own, options);
	if (!err)
		err = core_start(p->own, options);
	return err ? err : start(p, qualities, options->backend.workers);
}

int precaching_open(const struct core_options *options, const char *qualities,
		    const struct precaching_reports *reports,
		    struct precaching **precaching)
{
	struct precaching *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->reports = *reports;
	err = set_up(p, options, qualities);
	if (err) {
		precaching_destroy(p);
		return err;
	}
	*precaching = p;
	return 0;
}

static int found(void *arg, const char *path)
{
	struct adding *adding = arg;
	struct precaching *p = adding->precaching;
	int err = 0;

	for (unsigned i = 0; !err && i < p->view_count; i++) {
		err = precacher_add(p->precacher, p->views[i], path);
		adding->count += !err;
	}
	return err;
}

static void missing(void *arg, const char *path, const char *reason)
{
	struct adding *adding = arg;
	const struct precaching_reports *reports = &adding->precaching->reports;

	reports->missing(reports->arg, path, reason);
}

static bool stopped(void *arg)
{
	struct adding *adding = arg;

	return precacher_stopped(adding->precaching->precacher);
}

/* "" is the library itself; NULL: the path lies elsewhere. */
static const char *in_library(const struct precaching *p, const char *path)
{
	if (*path != '/')
		return path;
	return path_within(path, p->core->catalog.path);
}

int precaching_add(struct precaching *p, const char *path, size_t *count)
{
	struct adding adding = {.precaching = p};
	const struct precache_finder finder = {found, missing, stopped,
					       &adding};
	const char *inside = in_library(p, path);
	int err = 0;

	if (inside || playlist_is(path))
		err = precache_find(p->core, inside ? inside : path, &finder);
	else
		missing(&adding, path, "it is not in the library");
	*count = adding.count;
	return err;
}

static void appeared(void *arg, const char *path)
{
	size_t count;

	if (name_classify(path) == NAME_OTHER && !playlist_is(path))
		return;
	if (precaching_add(arg, path, &count) != 0)
		log_warn("cannot cache '%s': %s", path, strerror(ENOMEM));
}

int precaching_watch(struct precaching *p)
{
	return watch_create(p->core->catalog.path, appeared, p, &p->watch);
}

void precaching_wait(struct precaching *p)
{
	precacher_wait(p->precacher);
}

void precaching_stop(struct precaching *p)
{
	precacher_stop(p->precacher);
	if (p->own)
		backend_stop(&p->own->backend);
}

void precaching_destroy(struct precaching *p)
{
	if (!p)
		return;
	watch_destroy(p->watch);
	if (p->precacher)
		precaching_stop(p);
	precacher_destroy(p->precacher);
	if (p->own)
		core_close(p->own);
	free(p->own);
	free(p);
}
