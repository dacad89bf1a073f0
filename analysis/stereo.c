/*
 * How wide a track is: of its first two channels, which in the usual orders are
 * front left and right.
 *
 *   stereo_width       S^2 / (M^2 + S^2) over all samples, with M = (L + R) / 2
 *                      and S = (L - R) / 2: 0 in the middle, 1 in anti-phase
 *   phase_correlation  Pearson's coefficient of L and R
 *
 * Mono, and silence: 0 and 1. A channel that never changes beside one that does
 * has the correlation 0.
 *
 * Five sums over the track; M^2 and S^2 follow from them.
 */
#include "analysis/measure.h"

#include "analysis/sidecars/number.h"
#include "base/cleanup.h"

/* Below this part of its power, a channel's variance is rounding. */
#define ROUNDING 1e-9

struct stereo {
	uint32_t channels;
	double count;
	double l, r;	   /* sums */
	double ll, rr, lr; /* of products */
};

static void stereo_free(void *state)
{
	free(state);
}

static int stereo_create(const struct pass_config *config, void **created)
{
	struct stereo *stereo = calloc(1, sizeof(*stereo));

	if (!stereo)
		return -ENOMEM;
	stereo->channels = config->channels;
	*created = stereo;
	return 0;
}

static int stereo_feed(void *state, const float *frames, size_t count)
{
	struct stereo *stereo = state;
	struct stereo s = *stereo; /* in registers */

	if (s.channels < 2)
		return 0;
	for (size_t i = 0; i < count; i++) {
		double l = frames[0], r = frames[1];

		s.l += l;
		s.r += r;
		s.ll += l * l;
		s.rr += r * r;
		s.lr += l * r;
		frames += s.channels;
	}
	s.count += (double)count;
	*stereo = s;
	return 0;
}

static double correlation(const struct stereo *s)
{
	double left = s->ll - s->l * s->l / s->count;
	double right = s->rr - s->r * s->r / s->count;
	int constant = !(left > ROUNDING * s->ll) + !(right > ROUNDING * s->rr);

	if (constant > 0)
		return constant == 2 ? 1 : 0;
	return (s->lr - s->l * s->r / s->count) / (sqrt(left) * sqrt(right));
}

/* Fills stereo_width and phase_correlation of the dimensions. */
static int stereo_finish(void *state, const struct findings *findings)
{
	struct stereo *s = state;
	struct measures *measures = findings->measures;
	double both = s->ll + s->rr;
	double width = both > 0 ? (both - 2 * s->lr) / (2 * both) : 0;
	double alike = both > 0 ? correlation(s) : 1;

	measures->dimensions[DIM_STEREO_WIDTH] = bounded(width, 0, 1);
	measures->dimensions[DIM_PHASE_CORRELATION] = bounded(alike, -1, 1);
	return 0;
}

const struct measure measure_stereo = {
	.create = stereo_create,
	.feed = stereo_feed,
	.finish = stereo_finish,
	.free = stereo_free,
};
