/* Precaching without a mount: with an engine of our own, on the same cache. */
#include "cli/precache_command.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "cli/end_signals.h"
#include "cli/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void on_track_begun(void *arg, const struct precached *precached)
{
	(void)arg, (void)precached; /* the progress bar shows the rest */
}

static void on_track_done(void *arg, const struct precached *precached)
{
	struct precache_command *p = arg;

	p->tracks[precached->status]++;
	p->full |= precached->err == -ENOSPC;
	progress_step(&p->progress, precached->seconds, precached->bytes);
	precache_tell(p, &(struct outcome){
				 .status = precached->status,
				 .quality = precached->quality,
				 .path = precached->path,
				 .reason = precached->reason,
			 });
}

static void on_path_missing(void *arg, const char *path, const char *reason)
{
	struct precache_command *p = arg;

	p->missing++;
	precache_tell(p, &(struct outcome){
				 .status = PRECACHE_FAILED,
				 .quality = "",
				 .path = path,
				 .reason = reason,
			 });
}

/*
 * A path from the current folder, if it exists, even in a mount; otherwise it
 * is taken to be in the library.
 */
static int add_paths(struct precache_command *p, struct precache *precache,
		     const char *path)
{
	auto_free char *source = NULL;
	auto_free char *real = NULL;
	size_t count = 0;
	int err = place_source(path, &source);

	if (err == -ENODATA || err == -EOPNOTSUPP) {
		on_path_missing(p, path, place_reason(err));
		return 0;
	}
	if (err)
		return err;
	real = realpath(source, NULL);
	err = precache_add(precache, real ? real : path, &count);
	progress_expect(&p->progress, count);
	return err;
}

/* Stopping the engine answers what is in flight. */
struct ending {
	struct precache *precache;
	struct core *core;
};

static void stop_alone(void *arg)
{
	const struct ending *ending = arg;

	precache_stop(ending->precache);
	backend_stop(&ending->core->backend);
}

static int work_alone(struct precache_command *p, struct core *core,
		      struct precache *precache, char **paths)
{
	struct ending ending = {precache, core};
	struct end_signals ends;
	int err = p->watch ? precache_watch(precache) : 0;

	if (!err)
		err = end_signals_watch(&ends, stop_alone, &ending);
	if (err)
		return err;
	for (; !err && *paths; paths++)
		err = add_paths(p, precache, *paths);
	if (!err)
		precache_run(precache);
	p->stopped = end_signals_unwatch(&ends);
	p->evicted = counter_get(COUNTER_entries_evicted);
	if (err == -ENOMEM)
		log_error("cannot continue: %s", strerror(ENOMEM));
	return err;
}

static int run_alone(struct precache_command *p, struct core *core,
		     char **paths)
{
	const struct core_options *options = &p->options.fs.core;
	const struct precache_reports reports = {on_track_begun, on_track_done,
						 on_path_missing, p};
	struct precache *precache = NULL;
	int err = core_open(core, options);

	if (!err)
		err = core_start(core, options);
	if (!err)
		err = precache_create(core, p->qualities,
				      options->backend.workers, &reports,
				      &precache);
	if (!err)
		err = work_alone(p, core, precache, paths);
	backend_stop(&core->backend);
	precache_destroy(precache);
	return err;
}

int precache_alone(struct precache_command *p, char **paths)
{
	auto_free char *library = realpath(p->library, NULL);
	struct core core = {0};
	int err;

	if (!library) {
		err = -errno;
		log_error("cannot read the library '%s': %s", p->library,
			  strerror(-err));
		return err;
	}
	p->options.fs.core.catalog.library = library;
	err = run_alone(p, &core, paths);
	core_close(&core);
	return err;
}
