/*
 * What tasks that need decoded audio share: the track is opened and stays open
 * for the next task (readers mostly go on, and so does a decoder that is still
 * there), and what went wrong on the way is told to the daemon.
 */
#ifndef WORKER_RENDERING_H
#define WORKER_RENDERING_H

#include "transcode/worker/link.h"
#include "transcode/worker/pcm.h"

struct rendering {
	struct link *link;
	struct lender lender;
	struct plan plan;
	struct pcm *pcm;
	uint64_t silent;   /* frames, before this task */
	uint32_t restarts; /* of decoders, before this task */
};

/*
 * Takes input->fd over. *kept is the track of the last task, or NULL. The
 * rendering stays where it is until rendering_end().
 */
int rendering_begin(struct rendering *rendering, struct link *link,
		    const struct worker_task *task, const struct input *input,
		    struct pcm **kept);

/* Passes `error` on; after one the track is not kept. */
int rendering_end(struct rendering *rendering, struct pcm **kept, int error);

#endif
