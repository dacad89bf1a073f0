/*
 * How a budget follows memory pressure: nothing but arithmetic. Internal to
 * cache/.
 */
#ifndef CACHE_MEMORY_PRESSURE_NEXT_H
#define CACHE_MEMORY_PRESSURE_NEXT_H

#include <stdbool.h>
#include <stdint.h>

struct pressure_state {
	uint64_t budget; /* bytes: in force */
	uint64_t min;	 /* bytes: pressure leaves this much */
	uint64_t shrunk; /* seconds: the last time it shrank */
	uint64_t since;	 /* seconds: no pressure and no growth since then */
};

/*
 * The budget from now on, which is kept in the state too. `pressed` is what was
 * seen since the last call, `max` (bytes) what there could be without pressure
 * and `now` a clock in seconds that never goes back. May be called at any time:
 * pressure takes a quarter once a second, calm gives an eighth of `max` every
 * ten seconds, and above `max` it is `max` at once.
 */
uint64_t pressure_next(struct pressure_state *state, bool pressed, uint64_t max,
		       uint64_t now);

#endif
