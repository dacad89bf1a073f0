/*
 * A plan: the exact size of a rendition and its table of segments, by pure
 * arithmetic, before any audio is decoded. The daemon and the workers compute
 * it from the same few numbers, so it is never sent.
 *
 *    rendition = tag | head | segment 0 | segment 1 | ... | tail
 *
 * tag:  metadata (ID3v2), made by a worker; its size is in the track's facts.
 *
 * head: made from the plan alone (MP3: the Info frame).
 *
 * body: the segments; the cache keeps them as one entry.
 *
 * tail: made from the plan alone (MP3: one silent frame, so that a scanner that
 * looks for a trailing tag costs no encoding).
 *
 * All offsets of head, segments and tail count from the end of the tag.
 */
#ifndef TRANSCODE_PLAN_PLAN_H
#define TRANSCODE_PLAN_PLAN_H

#include "transcode/plan/pcm_layout.h"
#include "transcode/plan/profile.h"

#include <stddef.h>
#include <stdint.h>

/* The audio of a track: the input of a plan. */
struct shape {
	uint64_t samples; /* per channel */
	uint32_t rate;	  /* Hz */
	uint32_t channels;
};

/*
 * How many samples this many become at another rate: the last one is begun. No
 * overflow as long as the result fits.
 */
static inline uint64_t shape_samples_at(const struct shape *shape,
					uint32_t rate)
{
	uint64_t rest = shape->samples % shape->rate;

	return shape->samples / shape->rate * rate +
	       (rest * rate + shape->rate - 1) / shape->rate;
}

struct plan {
	const struct codec *codec;
	struct profile profile;
	struct shape source;
	struct shape output; /* after resampling and mixing */
	uint32_t bit_rate;   /* kbit/s, as coded */
	uint64_t units;	     /* in the body; MP3: frames; WAV: samples */
	uint32_t segments;   /* at least 1 */
	uint32_t head_size;  /* bytes */
	uint32_t tail_size;  /* bytes */
	uint64_t body_size;  /* bytes */
};

/* One segment. Units are the codec's (MP3: frames of 1152 samples). */
struct segment {
	uint64_t first_unit;
	uint64_t end_unit;
	uint64_t start; /* bytes, from the start of the body */
	uint64_t end;
};

/* The longest head or tail that any codec makes. */
#define PLAN_EDGE_MAX 2048

/*
 * 0; -EINVAL: the source cannot be coded (no samples are fine, no rate or no
 * channels are not) or the profile is impossible at its rate; -EFBIG: more than
 * the format can hold.
 */
int plan_make(const struct profile *profile, const struct shape *source,
	      struct plan *plan);

/* The blocks of decoded audio that it is made from, or consists of. */
static inline struct pcm_layout plan_layout(const struct plan *plan)
{
	return (struct pcm_layout){
		.rate = plan->output.rate,
		.channels = plan->output.channels,
		.format =
			plan->profile.format ? plan->profile.format : PCM_FLOAT,
	};
}

/* Whether the track's tag comes before it. */
bool plan_is_tagged(const struct plan *plan);

/*
 * Segments are seconds of decoded audio: cheap to make, so that readahead does
 * no harm.
 */
bool plan_is_decoded(const struct plan *plan);

/* Whether a segment takes seconds, so that readers of music go first. */
bool plan_is_slow(const struct plan *plan);

/* Part of the body's key in the cache. */
uint32_t plan_version(const struct plan *plan);

/* The size of head, body and tail in bytes. */
uint64_t plan_size(const struct plan *plan);

/* index must be below plan->segments. */
struct segment plan_segment(const struct plan *plan, uint32_t index);

/* Write plan->head_size and plan->tail_size bytes. */
void plan_head(const struct plan *plan, uint8_t *head);
void plan_tail(const struct plan *plan, uint8_t *tail);

#endif
