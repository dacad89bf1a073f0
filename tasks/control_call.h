/*
 * What programs may ask a mount to do: by ioctl(2) on any open file of
 * .groovefs/. Only root and the user who mounted may (else EPERM).
 *
 * A mount runs for months, and the command is upgraded meanwhile. So the sizes
 * of these structures, which are part of each call's number, never change: a
 * new version uses `reserved`, which is 0 until then, and free places of
 * `tracks`. Each side gives its version in `head`, and neither refuses the
 * other for that alone: what the other does not know stays 0.
 */
#ifndef TASKS_CONTROL_CALL_H
#define TASKS_CONTROL_CALL_H

#include "tasks/precache.h"

#include <stdint.h>
#include <sys/ioctl.h>

enum { CONTROL_VERSION = 1, CONTROL_OUTCOMES = 16 };

struct control_head {
	uint32_t version; /* in: the caller's; out: the mount's */
	uint32_t needs;	  /* in: EPROTONOSUPPORT if the mount's is lower */
};

/*
 * Begins to cache what is below a path of the library. EINVAL: no such quality;
 * EAGAIN: too many tasks are running.
 */
struct control_precache {
	struct control_head head;
	uint32_t task;	     /* out */
	char qualities[256]; /* separated by ',' or ':' */
	char path[4096];     /* in the library, "": all of it */
	uint32_t reserved[13];
};

/*
 * How far a task has come, and, one per call, the outcomes of its tracks.
 * Reading an outcome removes it; if there are very many, the oldest are
 * dropped. ENOENT.
 */
struct control_task {
	struct control_head head;
	uint64_t bytes;
	double seconds;	  /* of music */
	uint32_t task;	  /* in */
	uint32_t over;	  /* 1: nothing will change */
	uint32_t total;	  /* tracks known so far */
	uint32_t missing; /* paths that do not exist */
	uint32_t evicted; /* entries evicted meanwhile */
	uint32_t outcome; /* of a track, or of a path that does not exist: 1
			     + enum precache_status; 0: no more yet */
	uint32_t tracks[CONTROL_OUTCOMES]; /* by enum precache_status */
	char quality[64]; /* of the track; "": a path that does not exist */
	char reason[256]; /* why it failed */
	char path[4096];
	uint32_t reserved[16];
};

struct control_cancel {
	struct control_head head;
	uint32_t task; /* ENOENT */
	uint32_t reserved;
};

_Static_assert(sizeof(struct control_precache) == 4416, "it never changes");
_Static_assert(sizeof(struct control_task) == 4592, "it never changes");
_Static_assert(sizeof(struct control_cancel) == 16, "it never changes");
_Static_assert((int)PRECACHE_FAILED < CONTROL_OUTCOMES, "there is no room");

#define CONTROL_PRECACHE _IOWR('g', 1, struct control_precache)
#define CONTROL_TASK _IOWR('g', 2, struct control_task)
#define CONTROL_CANCEL _IOW('g', 3, struct control_cancel)

#endif
