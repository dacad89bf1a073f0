/* A measure by itself, over samples that a test has. */
#ifndef TESTS_UNIT_RUN_MEASURE_H
#define TESTS_UNIT_RUN_MEASURE_H

#include "analysis/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Frames are fed `cut` at a time; config's channels say how large they are. */
static inline void run_measure(const struct measure *measure,
			       const struct pass_config *config,
			       const float *frames, size_t count, size_t cut,
			       const struct findings *findings)
{
	void *state = NULL;

	assert_int_equal(measure->create(config, &state), 0);
	for (size_t i = 0; i < count; i += cut)
		assert_int_equal(
			measure->feed(state, frames + i * config->channels,
				      cut < count - i ? cut : count - i),
			0);
	assert_int_equal(measure->finish(state, findings), 0);
	measure->free(state);
}

#endif
