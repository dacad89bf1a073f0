/* Which of the samples that a decoder gives of Speex in Ogg are heard. */
#ifndef WORKER_SPEEX_H
#define WORKER_SPEEX_H

#include "transcode/worker/input.h"

struct speex_part {
	uint64_t from; /* samples */
	uint64_t to;   /* UINT64_MAX: all there are */
};

/*
 * `header` is the codec's, `stamp` is where the first packet begins by the
 * granule position of its page. `start` is where the first page is.
 */
struct speex_part speex_heard(struct input *input, uint64_t start,
			      const uint8_t *header, size_t size,
			      int64_t stamp);

#endif
