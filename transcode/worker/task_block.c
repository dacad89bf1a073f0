/*
 * One block of decoded audio, for readers of the audio itself. Mostly there is
 * nothing to send: it lies in the shared memory, where the daemon reads it.
 */
#include "transcode/worker/tasks.h"

#include "transcode/worker/rendering.h"

static int give(const struct rendering *rendering, uint32_t second)
{
	struct pcm_layout layout = plan_layout(&rendering->plan);
	const void *bytes;
	int error = pcm_block(rendering->pcm, &layout, second, &bytes);

	if (error || pcm_is_lent(rendering->pcm))
		return error;
	return link_write(rendering->link, bytes, pcm_block_bytes(&layout));
}

int task_block(struct link *link, const struct worker_task *task,
	       const struct input *input, struct pcm **kept)
{
	struct rendering rendering;
	int error = rendering_begin(&rendering, link, task, input, kept);

	if (error)
		return error;
	error = give(&rendering, task->segment);
	return rendering_end(&rendering, kept, error);
}
