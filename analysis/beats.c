/*
 * Every moment is the end of the best row of beats that leads to it:
 *
 *   score(t) = o(t) + max over d of (score(t - d) - TIGHT ln^2(d / period))
 *
 * with d from half a period to two, and o the OSS over its standard deviation,
 * smoothed by a Gaussian of 1/32 period (equations 5 to 7 of the paper, and its
 * TIGHT of 100 at 250 Hz times 4, which suits a steady tempo). Only the last
 * two periods of scores are needed; of each moment the step back is kept.
 */
#include "analysis/rhythm.h"

#include "base/cleanup.h"

#include <math.h>
#include <string.h>

#define TIGHT 400.0

/* Two periods of the slowest tempo (50 a minute) are 414 values. */
enum { RING = 512, REACH = 32 };

struct search {
	const float *strength;
	size_t count;
	double period;	 /* values between beats */
	double scale;	 /* 1 / standard deviation */
	uint16_t *steps; /* back to the beat before, 0: none */
	size_t shortest;
	size_t longest;
	float cost[RING]; /* by step */
	float kernel[REACH + 1];
	int reach;
	float scores[RING];
};

static double deviation(const float *values, size_t count)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < count; i++) {
		sum += values[i];
		squares += (double)values[i] * values[i];
	}
	sum /= (double)count;
	return sqrt(fmax(0, squares / (double)count - sum * sum));
}

static void prepare_search(struct search *search)
{
	double width = search->period / 32;

	search->shortest = (size_t)lround(search->period / 2);
	search->longest = (size_t)lround(search->period * 2);
	for (size_t d = search->shortest; d <= search->longest; d++) {
		double off = log((double)d / search->period);

		search->cost[d] = (float)(TIGHT * off * off);
	}
	search->reach = (int)ceil(3 * width);
	if (search->reach > REACH)
		search->reach = REACH;
	for (int i = 0; i <= search->reach; i++)
		search->kernel[i] = (float)(search->scale *
					    exp(-0.5 * i * i / width / width));
}

/* o(t) of the comment above. */
static float local_score(const struct search *search, size_t t)
{
	float sum = search->kernel[0] * search->strength[t];

	for (int i = 1; i <= search->reach; i++) {
		size_t n = (size_t)i;

		if (n <= t)
			sum += search->kernel[i] * search->strength[t - n];
		if (t + n < search->count)
			sum += search->kernel[i] * search->strength[t + n];
	}
	return sum;
}

/* Gives the score at `t` and remembers the step. */
static float step_to(struct search *search, size_t t)
{
	float best = 0;
	size_t step = 0;

	for (size_t d = search->shortest; d <= search->longest && d <= t; d++) {
		float score = search->scores[(t - d) % RING] - search->cost[d];

		if (score > best) {
			best = score;
			step = d;
		}
	}
	search->steps[t] = (uint16_t)step;
	return best + local_score(search, t);
}

/* Where the best row ends: within the last two periods. */
static size_t run_search(struct search *search)
{
	size_t end = search->count - 1;
	float best = -1;

	for (size_t t = 0; t < search->count; t++) {
		float score = step_to(search, t);

		search->scores[t % RING] = score;
		if (t + search->longest >= search->count && score > best) {
			best = score;
			end = t;
		}
	}
	return end;
}

/* Where nothing sounds there is no beat. */
static size_t last_loud(const struct search *search, size_t end, float quiet)
{
	while (search->steps[end] && local_score(search, end) < quiet)
		end -= search->steps[end];
	return end;
}

static size_t first_loud(const struct search *search, size_t end, float quiet)
{
	size_t first = end;

	for (size_t t = end;; t -= search->steps[t]) {
		if (local_score(search, t) >= quiet)
			first = t;
		if (!search->steps[t])
			return first;
	}
}

/* Half the root mean square of the OSS at the beats (the paper's rule). */
static float quiet_below(const struct search *search, size_t end)
{
	double squares = 0;
	size_t n = 1;

	for (size_t t = end;; t -= search->steps[t], n++) {
		float here = local_score(search, t);

		squares += (double)here * here;
		if (!search->steps[t])
			return (float)(0.5 * sqrt(squares / (double)n));
	}
}

static void measure(const struct search *search, size_t end,
		    struct measures *measures)
{
	float quiet = quiet_below(search, end);
	size_t last = last_loud(search, end, quiet);
	size_t first = first_loud(search, last, quiet);
	double sum = 0, squares = 0;
	uint32_t intervals = 0;

	for (size_t t = last; t > first; t -= search->steps[t]) {
		double step = search->steps[t];

		sum += step;
		squares += step * step;
		intervals++;
	}
	if (intervals < 2)
		return;
	sum /= intervals;
	measures->beats = intervals + 1;
	measures->first_beat = (float)((double)first / ONSETS_RATE);
	measures->dimensions[DIM_RHYTHM_STABILITY] =
		(float)(1 /
			(1 +
			 sqrt(fmax(0, squares / intervals - sum * sum)) / sum));
}

int beats_find(const float *strength, size_t count, struct measures *measures)
{
	auto_free struct search *search = NULL;
	auto_free uint16_t *steps = NULL;
	double spread;

	measures->beats = 0;
	measures->first_beat = 0;
	measures->dimensions[DIM_RHYTHM_STABILITY] = 0;
	if (measures->bpm < 50 || count == 0)
		return 0;
	spread = deviation(strength, count);
	if (spread <= 0)
		return 0;
	search = calloc(1, sizeof(*search));
	steps = calloc(count, sizeof(*steps));
	if (!search || !steps)
		return -ENOMEM;
	search->strength = strength;
	search->count = count;
	search->period = 60 * ONSETS_RATE / measures->bpm;
	search->scale = 1 / spread;
	search->steps = steps;
	prepare_search(search);
	measure(search, run_search(search), measures);
	return 0;
}
