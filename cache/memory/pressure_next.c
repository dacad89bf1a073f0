/*
 * Down fast, by a part of the current budget, so that it never vanishes at
 * once; up slowly, by a part of the maximum, so that it is back after a bounded
 * time: 80 seconds without pressure.
 */
#include "cache/memory/pressure_private.h"

enum { CALM = 10 }; /* seconds */

/* Below this there is nothing worth dividing. */
#define CRUMBS ((uint64_t)1 << 20)

static uint64_t less(uint64_t budget, uint64_t min)
{
	uint64_t rest = budget - budget / 4;

	if (budget <= min)
		return budget;
	return rest < min || rest < CRUMBS ? min : rest;
}

static uint64_t more(uint64_t budget, uint64_t max)
{
	uint64_t step = max / 8 + 1; /* eight of them are enough */

	return max - budget < step ? max : budget + step;
}

uint64_t pressure_next(struct pressure_state *state, bool pressed, uint64_t max,
		       uint64_t now)
{
	if (state->budget > max)
		state->budget = max;
	if (pressed) {
		state->since = now;
		if (now > state->shrunk) {
			state->shrunk = now;
			state->budget = less(state->budget, state->min);
		}
	} else if (now - state->since >= CALM) {
		state->since = now;
		state->budget = more(state->budget, max);
	}
	return state->budget;
}
