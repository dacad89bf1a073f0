/* One segment of a rendition, encoded. */
#include "transcode/worker/tasks.h"

#include "transcode/worker/encoder.h"
#include "transcode/worker/fail.h"
#include "transcode/worker/rendering.h"

#include <errno.h>
#include <inttypes.h>

static int write_to_link(void *context, const void *bytes, size_t size)
{
	return link_write(context, bytes, size);
}

static int check_size(const struct link *link, const struct segment *segment)
{
	uint64_t size = segment->end - segment->start;

	if (link->bytes == size)
		return 0;
	return fail(-EPROTO, "the encoder made %" PRIu64 " bytes of %" PRIu64,
		    link->bytes, size);
}

static int encode(const struct rendering *rendering, uint32_t index)
{
	const struct plan *plan = &rendering->plan;
	const struct encoder *encoder = encoder_find(plan->profile.codec);
	struct sink sink = {write_to_link, link_alive, rendering->link};
	struct segment segment = plan_segment(plan, index);
	int error;

	if (!encoder)
		return fail(-EINVAL, "no encoder for codec %u",
			    plan->profile.codec);
	error = encoder->segment(plan, &segment, rendering->pcm, &sink);
	return error ? error : check_size(rendering->link, &segment);
}

int task_segment(struct link *link, const struct worker_task *task,
		 const struct input *input, struct pcm **kept)
{
	struct rendering rendering;
	int error = rendering_begin(&rendering, link, task, input, kept);

	if (error)
		return error;
	error = encode(&rendering, task->segment);
	return rendering_end(&rendering, kept, error);
}
