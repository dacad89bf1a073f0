/*
 * Cuts a stream of samples into overlapping frames, the same ones however the
 * stream comes in.
 *
 *   zeros (lead)  samples                zeros (lead)  zeros, as needed
 *   |-------------|----------------------|-------------|----
 *   |---- size ----|
 *      hop |---- size ----|
 *                   ...                          |---- size ----|
 *
 * With lead = size / 2, frame n lies around sample n * hop, and under a window
 * every sample counts alike. The last frame is the one that has the last of
 * these samples; a stream of no samples has no frames.
 */
#ifndef ANALYSIS_FRAMES_H
#define ANALYSIS_FRAMES_H

#include <stddef.h>

struct frames;

/* `frame` has `size` samples and lives as long as the call. 0 or -errno. */
typedef int frames_take(void *context, const float *frame);

/*
 * 1 <= hop <= size, lead <= size. `take` is called in the stream's order from
 * within frames_feed and frames_finish. 0 or -ENOMEM.
 */
int frames_create(size_t size, size_t hop, size_t lead, frames_take *take,
		  void *context, struct frames **frames);
void frames_free(struct frames *frames);

/*
 * Every `stride`th of `samples`, `count` of them: with the number of channels
 * as the stride, one channel of interleaved frames. 0 or what `take` gave.
 */
int frames_feed(struct frames *frames, const float *samples, size_t count,
		size_t stride);

/* The stream has ended. Nothing can be fed afterwards. */
int frames_finish(struct frames *frames);

#endif
