/*
 * What planning needs to know about a codec: a new codec is one file with one
 * const table for the plan, and one for the worker (worker/encoder.h). Units
 * are the codec's own; see plan.h for what each function gives.
 */
#ifndef TRANSCODE_PLAN_CODEC_H
#define TRANSCODE_PLAN_CODEC_H

#include "transcode/plan/plan.h"

#include <stdbool.h>

struct codec {
	bool tagged;  /* the track's tag comes first */
	bool decoded; /* its segments are blocks of decoded audio */
	bool slow;    /* a segment takes seconds to make */

	/* Raise it when the same samples are to give other bytes. */
	uint32_t version;

	/* Fills in output, bit_rate, units, segments and the sizes. */
	int (*plan)(struct plan *plan);
	struct segment (*segment)(const struct plan *plan, uint32_t index);
	void (*head)(const struct plan *plan, uint8_t *head);
	void (*tail)(const struct plan *plan, uint8_t *tail);
};

extern const struct codec codec_mp3;
extern const struct codec codec_wav;
extern const struct codec codec_analysis;

#endif
