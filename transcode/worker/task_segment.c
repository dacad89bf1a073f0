/*
 * One segment of a rendition. The track stays open for the next one: readers
 * mostly go on, and so does a decoder that is still there.
 */
#include "transcode/worker/tasks.h"

#include "base/cleanup.h"
#include "transcode/worker/encoder.h"
#include "transcode/worker/fail.h"

#include <inttypes.h>

static int write_to_link(void *context, const void *bytes, size_t size)
{
	return link_write(context, bytes, size);
}

static int open_track(const struct task *task, const struct input *input,
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

static int note_troubles(struct link *link, const struct pcm *pcm,
			 uint64_t silent, uint32_t restarts)
{
	int error = 0;

	silent = pcm_silent(pcm) - silent;
	if (silent > 0)
		error = link_note(link, NOTE_SILENCE,
				  "%" PRIu64 " of %" PRIu64 " samples could "
				  "not be decoded and are silent",
				  silent, pcm_shape(pcm)->samples);
	for (; !error && restarts < pcm_restarts(pcm); restarts++)
		error = link_note(link, NOTE_RESTART, "%s", "");
	return error;
}

static int check_size(const struct link *link, const struct segment *segment)
{
	uint64_t size = segment->end - segment->start;

	if (link->bytes == size)
		return 0;
	return fail(-EPROTO, "the encoder made %" PRIu64 " bytes of %" PRIu64,
		    link->bytes, size);
}

static int render(struct link *link, const struct task *task,
		  const struct plan *plan, struct pcm *pcm)
{
	const struct encoder *encoder = encoder_find(task->profile.codec);
	struct sink sink = {write_to_link, link};
	struct segment segment = plan_segment(plan, task->segment);
	uint64_t silent = pcm_silent(pcm);
	uint32_t restarts = pcm_restarts(pcm);
	int error;

	if (!encoder)
		return fail(-EINVAL, "no encoder for codec %u",
			    task->profile.codec);
	error = encoder->segment(plan, &segment, pcm, &sink);
	if (!error)
		error = check_size(link, &segment);
	if (!error)
		error = note_troubles(link, pcm, silent, restarts);
	return error;
}

int task_segment(struct link *link, const struct task *task,
		 const struct input *input, struct pcm **kept)
{
	struct plan plan;
	int error = plan_make(&task->profile, &task->shape, &plan);

	if (!error && task->segment >= plan.segments)
		error = -EINVAL;
	if (error) {
		close(input->fd);
		return fail(error, "segment %u cannot be planned",
			    task->segment);
	}
	error = open_track(task, input, kept);
	if (error)
		return error;
	error = render(link, task, &plan, *kept);
	if (error) {
		pcm_close(*kept);
		*kept = NULL;
	}
	return error;
}
