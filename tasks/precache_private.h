/* Shared by the files of precaching. */
#ifndef TASKS_PRECACHE_PRIVATE_H
#define TASKS_PRECACHE_PRIVATE_H

#include "library/library.h"
#include "tasks/batch.h"
#include "tasks/precache.h"

struct precache {
	struct core *core;
	struct precache_reports reports;
	const struct view *views[VIEWS_ROOTED_MAX];
	unsigned view_count;
	struct watch *watch;
	struct batch batch;

	/* the batch's thread */
	struct finder finder;
	unsigned given; /* their numbers */
};

/* Adds a job for a track, by its path in the library. 0 or -ENOMEM. */
int precache_track(struct precache *p, const struct view *view,
		   const char *path);

#endif
