/* A buffer of one frame: when it is full, it is handed on and shifted. */
#include "analysis/frames.h"

#include "base/cleanup.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

struct frames {
	size_t size;
	size_t hop;
	size_t lead;
	frames_take *take;
	void *context;
	size_t filled; /* samples in the buffer */
	size_t fresh;  /* of those, how many no frame has had */
	bool begun;
	float buffer[];
};

int frames_create(size_t size, size_t hop, size_t lead, frames_take *take,
		  void *context, struct frames **created)
{
	struct frames *frames;

	assert(hop >= 1 && hop <= size && lead <= size);
	frames = calloc(1, sizeof(*frames) + size * sizeof(float));
	if (!frames)
		return -ENOMEM;
	frames->size = size;
	frames->hop = hop;
	frames->lead = lead;
	frames->take = take;
	frames->context = context;
	*created = frames;
	return 0;
}

void frames_free(struct frames *frames)
{
	free(frames);
}

static int give(struct frames *frames)
{
	size_t kept = frames->size - frames->hop;
	int error = frames->take(frames->context, frames->buffer);

	memmove(frames->buffer, frames->buffer + frames->hop,
		kept * sizeof(float));
	frames->filled = kept;
	frames->fresh = 0;
	return error;
}

static void copy(float *to, const float *from, size_t count, size_t stride)
{
	if (stride == 1) {
		memcpy(to, from, count * sizeof(*to));
		return;
	}
	for (size_t i = 0; i < count; i++)
		to[i] = from[i * stride];
}

/* `samples` NULL: zeros. */
static int add_samples(struct frames *frames, const float *samples,
		       size_t count, size_t stride)
{
	while (count > 0) {
		size_t room = frames->size - frames->filled;
		size_t n = count < room ? count : room;
		float *to = frames->buffer + frames->filled;
		int error = 0;

		if (samples)
			copy(to, samples, n, stride);
		else
			memset(to, 0, n * sizeof(*to));
		frames->filled += n;
		frames->fresh += n;
		if (n == room)
			error = give(frames);
		if (error)
			return error;
		if (samples)
			samples += n * stride;
		count -= n;
	}
	return 0;
}

int frames_feed(struct frames *frames, const float *samples, size_t count,
		size_t stride)
{
	if (count > 0 && !frames->begun) {
		int error = add_samples(frames, NULL, frames->lead, 1);

		frames->begun = true;
		if (error)
			return error;
	}
	return add_samples(frames, samples, count, stride);
}

int frames_finish(struct frames *frames)
{
	int error;

	if (!frames->begun)
		return 0;
	error = add_samples(frames, NULL, frames->lead, 1);
	if (error || frames->fresh == 0)
		return error;
	return add_samples(frames, NULL, frames->size - frames->filled, 1);
}
