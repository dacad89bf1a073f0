/* See rendering.h. */
#include "transcode/worker/rendering.h"

#include "base/cleanup.h"
#include "transcode/worker/fail.h"

#include <inttypes.h>

static int make_plan(const struct worker_task *task, struct plan *plan)
{
	int error = plan_make(&task->profile, &task->shape, plan);

	if (!error && task->segment >= plan->segments)
		error = -EINVAL;
	if (error)
		return fail(error, "segment %u cannot be planned",
			    task->segment);
	return 0;
}

static int open_track(const struct worker_task *task, const struct input *input,
		      struct pcm **kept)
{
	if (pcm_is(*kept, &task->source, &task->shape)) {
		close(input->fd);
		return 0;
	}
	pcm_close(*kept);
	*kept = NULL;
	return pcm_open(input, &task->source, &task->shape, kept);
}

int rendering_begin(struct rendering *rendering, struct link *link,
		    const struct worker_task *task, const struct input *input,
		    struct pcm **kept)
{
	int error = make_plan(task, &rendering->plan);

	if (error) {
		close(input->fd);
		return error;
	}
	error = open_track(task, input, kept);
	if (error)
		return error;
	remark_take(); /* the probe has reported what opening finds */
	rendering->link = link;
	rendering->lender =
		(struct lender){link_want, link_filled, link_return, link};
	rendering->pcm = *kept;
	rendering->silent = pcm_silent(*kept);
	rendering->restarts = pcm_restarts(*kept);
	pcm_begin(*kept, &rendering->lender);
	return 0;
}

static int note_troubles(const struct rendering *rendering)
{
	const struct pcm *pcm = rendering->pcm;
	uint64_t silent = pcm_silent(pcm) - rendering->silent;
	const char *remarked = remark_take();
	int error = 0;

	if (remarked)
		error = link_note(rendering->link, NOTE_PLAIN, "%s", remarked);
	if (!error && silent > 0)
		error = link_note(rendering->link, NOTE_SILENCE,
				  "%" PRIu64 " of %" PRIu64 " samples could "
				  "not be decoded and are silent",
				  silent, pcm_shape(pcm)->samples);
	for (uint32_t i = rendering->restarts; !error && i < pcm_restarts(pcm);
	     i++)
		error = link_note(rendering->link, NOTE_RESTART, "%s", "");
	return error;
}

int rendering_end(struct rendering *rendering, struct pcm **kept, int error)
{
	if (!error)
		error = note_troubles(rendering);
	pcm_begin(*kept, NULL);
	if (error) {
		pcm_close(*kept);
		*kept = NULL;
	}
	return error;
}
