/* Five sums over the track; M^2 and S^2 follow from them. */
#include "analysis/stereo.h"

#include "analysis/number.h"
#include "base/cleanup.h"

/* Below this part of its power, a channel's variance is rounding. */
#define ROUNDING 1e-9

struct stereo {
	uint32_t channels;
	double count;
	double l, r;	   /* sums */
	double ll, rr, lr; /* of products */
};

int stereo_create(uint32_t rate, uint32_t channels, struct stereo **created)
{
	struct stereo *stereo = calloc(1, sizeof(*stereo));

	(void)rate;
	if (!stereo)
		return -ENOMEM;
	stereo->channels = channels;
	*created = stereo;
	return 0;
}

void stereo_free(struct stereo *stereo)
{
	free(stereo);
}

int stereo_feed(struct stereo *stereo, const float *frames, size_t count)
{
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

void stereo_finish(struct stereo *s, struct measures *measures)
{
	double both = s->ll + s->rr;
	double width = both > 0 ? (both - 2 * s->lr) / (2 * both) : 0;
	double alike = both > 0 ? correlation(s) : 1;

	measures->dimensions[DIM_STEREO_WIDTH] = bounded(width, 0, 1);
	measures->dimensions[DIM_PHASE_CORRELATION] = bounded(alike, -1, 1);
}
