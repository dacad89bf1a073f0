/* Precaching without a mount: an engine of our own, on the same cache. */
#include "cli/precache_command.h"

#include "base/cleanup.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/end_signals.h"
#include "cli/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void on_begun(void *arg, const struct precached *precached)
{
	(void)arg, (void)precached; /* the bar shows what is done */
}

static void print_line(const struct precached *precached)
{
	printf("%-6s ", precache_word(precached->status));
	utf8_print(stdout, precached->quality);
	putchar(' ');
	utf8_print(stdout, precached->path);
	putchar('\n');
	fflush(stdout);
}

static void on_done(void *arg, const struct precached *precached)
{
	struct precache *p = arg;

	p->tracks[precached->status]++;
	p->full |= precached->err == -ENOSPC;
	progress_step(&p->progress, precached->seconds, precached->bytes);
	if (!p->progress.shown && !p->quiet)
		print_line(precached);
	if (precached->status == PRECACHE_FAILED)
		log_error("cannot cache '%s' (%s): %s", precached->path,
			  precached->quality, precached->reason);
}

static void on_missing(void *arg, const char *path, const char *reason)
{
	struct precache *p = arg;

	p->missing++;
	log_error("cannot cache '%s': %s", path, reason);
}

/*
 * Paths from where the caller stands, if they exist, also below a mount; else
 * they are taken to be in the library.
 */
static int add(struct precache *p, struct precaching *precaching,
	       const char *path)
{
	auto_free char *source = NULL;
	auto_free char *real = NULL;
	size_t count = 0;
	int err = place_source(path, &source);

	if (err == -ENODATA || err == -EOPNOTSUPP) {
		on_missing(p, path, place_reason(err));
		return 0;
	}
	if (err)
		return err;
	real = realpath(source, NULL);
	err = precaching_add(precaching, real ? real : path, &count);
	progress_expect(&p->progress, count);
	return err;
}

static void stop(void *arg)
{
	precaching_stop(arg);
}

/* A watching one goes on until it is stopped. */
static void wait_for_all(struct precache *p, struct precaching *precaching,
			 struct end_signals *ends)
{
	precaching_wait(precaching);
	if (p->watch)
		pthread_join(ends->thread, NULL);
	p->stopped = p->watch ? true : end_signals_unwatch(ends);
}

static int work(struct precache *p, struct precaching *precaching, char **paths)
{
	struct end_signals ends;
	int err = p->watch ? precaching_watch(precaching) : 0;

	if (!err)
		err = end_signals_watch(&ends, stop, precaching);
	if (err)
		return err;
	for (; !err && *paths; paths++)
		err = add(p, precaching, *paths);
	if (err)
		end_signals_unwatch(&ends);
	else
		wait_for_all(p, precaching, &ends);
	p->evicted = counter_get(COUNTER_entries_evicted);
	if (err == -ENOMEM)
		log_error("cannot go on: %s", strerror(ENOMEM));
	return err;
}

int precache_alone(struct precache *p, char **paths)
{
	const struct precaching_reports reports = {on_begun, on_done,
						   on_missing, p};
	auto_free char *library = realpath(p->library, NULL);
	struct precaching *precaching = NULL;
	int err;

	if (!library) {
		err = -errno;
		log_error("cannot read the library '%s': %s", p->library,
			  strerror(-err));
		return err;
	}
	p->options.fs.core.catalog.library = library;
	err = precaching_open(&p->options.fs.core, p->qualities, &reports,
			      &precaching);
	if (err)
		return err;
	err = work(p, precaching, paths);
	precaching_destroy(precaching);
	return err;
}
