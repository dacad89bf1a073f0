/* Precaching by a running mount: it does the work, this shows how far it is. */
#ifndef CLI_PRECACHE_MOUNT_H
#define CLI_PRECACHE_MOUNT_H

#include "cli/progress.h"
#include "fs/fs.h"

#include <stdatomic.h>

struct mount_task {
	int control; /* .groovefs/events of the mount */
	int stop;    /* eventfd: give up */
	struct progress progress;
	struct control_task sum; /* of all paths */
	bool stopped;
};

/* 0, or -errno after a log line. */
int mount_task_open(struct mount_task *task, const char *mountpoint);
void mount_task_close(struct mount_task *task);

/*
 * Has the mount cache what lies below a path of its library, and waits until
 * that is over. -errno after a log line; -ECANCELED: mount_task_stop().
 */
int mount_task_run(struct mount_task *task, const char *qualities,
		   const char *path);

/* On any thread. */
void mount_task_stop(void *task);

#endif
