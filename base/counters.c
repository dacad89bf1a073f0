/* The counters: one table of atomics, named by COUNTERS(). */
#include "base/counters.h"

#include <assert.h>
#include <stdatomic.h>

static const struct {
	const char *name;
	const char *text;
} words[COUNTER_MAX] = {
#define X(name, text) [COUNTER_##name] = {#name, text},
	COUNTERS(X)
#undef X
};

static atomic_uint_fast64_t values[COUNTER_MAX];

void counter_add(enum counter counter, uint64_t n)
{
	assert(counter < COUNTER_MAX);
	atomic_fetch_add_explicit(&values[counter], n, memory_order_relaxed);
}

uint64_t counter_get(enum counter counter)
{
	assert(counter < COUNTER_MAX);
	return atomic_load_explicit(&values[counter], memory_order_relaxed);
}

const char *counter_name(enum counter counter)
{
	assert(counter < COUNTER_MAX);
	return words[counter].name;
}

const char *counter_text(enum counter counter)
{
	assert(counter < COUNTER_MAX);
	return words[counter].text;
}
