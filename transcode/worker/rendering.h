/*
 * Shared by tasks that need decoded audio: opens the track and keeps it open
 * for the next task (readers usually read on, and so can a decoder that is
 * still open), and reports to the daemon what went wrong.
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
	uint32_t restarts; /* number of decoders, before this task */
};

/*
 * Takes ownership of input->fd. *kept is the track of the last task, or NULL.
 * The rendering must not move until rendering_end().
 */
int rendering_begin(struct rendering *rendering, struct link *link,
		    const struct worker_task *task, const struct input *input,
		    struct pcm **kept);

/* Returns `error`; the track is not kept after one. */
int rendering_end(struct rendering *rendering, struct pcm **kept, int error);

#endif
