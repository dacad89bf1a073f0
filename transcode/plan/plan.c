/*
 * Plans: what all codecs have in common. Each codec's arithmetic is in a file
 * of its own (mp3.c); here are the choice of the codec and the interface.
 */
#include "transcode/plan/plan.h"

#include "transcode/plan/codec.h"

#include <assert.h>
#include <errno.h>

static const struct codec *find_codec(uint32_t id)
{
	switch (id) {
	case CODEC_MP3:
		return &codec_mp3;
	case CODEC_WAV:
		return &codec_wav;
	case CODEC_ANALYSIS:
		return &codec_analysis;
	default:
		return NULL;
	}
}

int plan_make(const struct profile *profile, const struct shape *source,
	      struct plan *plan)
{
	struct plan made = {
		.codec = find_codec(profile->codec),
		.profile = *profile,
		.source = *source,
	};
	int err;

	if (!made.codec || source->rate == 0 || source->channels == 0)
		return -EINVAL;
	err = made.codec->plan(&made);
	if (err)
		return err;
	*plan = made;
	return 0;
}

bool plan_is_tagged(const struct plan *plan)
{
	return plan->codec->tagged;
}

bool plan_is_decoded(const struct plan *plan)
{
	return plan->codec->decoded;
}

bool plan_is_slow(const struct plan *plan)
{
	return plan->codec->slow;
}

uint32_t plan_version(const struct plan *plan)
{
	return plan->codec->version;
}

uint64_t plan_size(const struct plan *plan)
{
	return plan->head_size + plan->body_size + plan->tail_size;
}

struct segment plan_segment(const struct plan *plan, uint32_t index)
{
	assert(index < plan->segments);
	return plan->codec->segment(plan, index);
}

void plan_head(const struct plan *plan, uint8_t *head)
{
	plan->codec->head(plan, head);
}

void plan_tail(const struct plan *plan, uint8_t *tail)
{
	plan->codec->tail(plan, tail);
}
