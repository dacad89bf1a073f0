/*
 * What programs may ask of a mount: ioctl(2) on any open file of .groovefs/.
 * Allowed to root and to who mounted it (else EPERM).
 */
#ifndef TASKS_CONTROL_CALL_H
#define TASKS_CONTROL_CALL_H

#include "tasks/precache.h"

#include <stdint.h>
#include <sys/ioctl.h>

/*
 * Begins to cache what lies below a path of the library. EINVAL: there is no
 * such quality; EAGAIN: too many tasks are running.
 */
struct control_precache {
	char qualities[256]; /* separated by ',' or ':' */
	char path[4096];     /* in the library, "": all of it */
	uint32_t task;	     /* out */
};

/*
 * How far a task has come, and, one a call, what became of its tracks: "cached
 * medium PATH", or of what failed "'PATH': reason". Who asks takes that away;
 * of very many the first are forgotten. ENOENT.
 */
struct control_task {
	uint32_t task;			      /* in */
	uint32_t over;			      /* 1: nothing will change */
	uint32_t total;			      /* tracks, as far as known */
	uint32_t tracks[PRECACHE_FAILED + 1]; /* by what became of them */
	uint32_t missing;		      /* paths that there are not */
	uint64_t bytes;
	double seconds;	  /* of music */
	uint32_t evicted; /* entries that had to go meanwhile */
	uint32_t failed;  /* 1: `line` is of a failure */
	char line[600];	  /* what became of the next track; "": no more yet */
};

#define CONTROL_PRECACHE _IOWR('g', 1, struct control_precache)
#define CONTROL_TASK _IOWR('g', 2, struct control_task)
#define CONTROL_CANCEL _IOW('g', 3, uint32_t) /* ENOENT */

#endif
