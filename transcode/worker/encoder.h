/*
 * What an encoder offers: one segment of a plan, from blocks of audio to bytes.
 * A new codec is one file with a const table here, and one for the plan
 * (transcode/plan/codec.h).
 */
#ifndef WORKER_ENCODER_H
#define WORKER_ENCODER_H

#include "transcode/plan/plan.h"
#include "transcode/worker/pcm.h"

/* Receives bytes, in order and as early as possible. Gives 0 or an errno. */
struct sink {
	int (*write)(void *context, const void *bytes, size_t size);
	void (*alive)(void *context); /* called during long work; NULL: not
					 needed */
	void *context;
};

struct encoder {
	uint32_t codec; /* enum codec_id */

	/*
	 * Writes segment->end - segment->start bytes, the same ones whatever
	 * was encoded before. -EPROTO: the library did not make what the plan
	 * predicted.
	 */
	int (*segment)(const struct plan *plan, const struct segment *segment,
		       struct pcm *pcm, const struct sink *sink);

	/* Name and version of its library, for keys. NULL: it has none. */
	void (*version)(char *text, size_t size);
};

extern const struct encoder encoder_mp3;
extern const struct encoder encoder_wav;
extern const struct encoder encoder_analysis;

/* NULL: there is none for this codec. */
const struct encoder *encoder_find(uint32_t codec);

#endif
