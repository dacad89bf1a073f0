/*
 * The tasks of a worker. Each gets the source's bytes; what comes out goes to
 * the link. 0, or a negative errno with the reason in fail_text(); -ENOTCONN
 * when the daemon is gone.
 */
#ifndef WORKER_TASKS_H
#define WORKER_TASKS_H

#include "transcode/worker/input.h"
#include "transcode/worker/link.h"
#include "transcode/worker/pcm.h"

int task_probe(struct link *link, const struct worker_task *task,
	       struct input *input);

/* cover_fd is -1 where there is none. */
int task_tag(struct link *link, const struct worker_task *task,
	     struct input *input, int cover_fd);

/*
 * These take input->fd over. *kept is the track of the last task, or NULL: the
 * next task on the same one goes on where it stopped.
 */
int task_segment(struct link *link, const struct worker_task *task,
		 const struct input *input, struct pcm **kept);
int task_block(struct link *link, const struct worker_task *task,
	       const struct input *input, struct pcm **kept);

#endif
