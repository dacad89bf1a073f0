/*
 * The n-th allocation of this thread fails, or that and all that follow: for
 * tests of what is done without memory. In one file of a program.
 */
#ifndef TESTS_UNIT_FAILING_H
#define TESTS_UNIT_FAILING_H

#include "scratch.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);
void __libc_free(void *bytes);

static __thread long failing_after = -1; /* -1: none fails */
static __thread bool failing_for_good;
static __thread bool failed;
static __thread long allocated; /* and not freed, by this thread */
static bool failing_shared;	/* others free it, too: it is not counted */

static bool fails(void)
{
	if (failing_after < 0)
		return false;
	if (failing_after > 0) {
		failing_after--;
		return false;
	}
	if (!failing_for_good)
		failing_after = -1;
	failed = true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	void *bytes = fails() ? NULL : __libc_malloc(size);

	allocated += bytes != NULL;
	return bytes;
}

void *calloc(size_t count, size_t size)
{
	void *bytes = fails() ? NULL : __libc_calloc(count, size);

	allocated += bytes != NULL;
	return bytes;
}

void *realloc(void *old, size_t size)
{
	void *bytes = fails() ? NULL : __libc_realloc(old, size);

	allocated += bytes != NULL && !old;
	return bytes;
}

void free(void *bytes)
{
	allocated -= bytes != NULL;
	__libc_free(bytes);
}

enum { ATTEMPTS = 20000 };

/* Gives 0, or -ENOMEM; anything else, or what is left behind, is a fault. */
typedef int scenario(void *context);

static inline void fail_in_turn(scenario *run, void *context, bool for_good)
{
	long after = 0;

	do {
		long before = allocated;
		int r;

		assert_true(after < ATTEMPTS);
		failed = false;
		failing_for_good = for_good;
		failing_after = after++;
		r = run(context);
		failing_after = -1;
		if (r < 0 && r != -ENOMEM)
			fail_msg("allocation %ld: %d", after, r);
		if (allocated != before && !failing_shared)
			fail_msg("allocation %ld: %ld are left", after,
				 allocated - before);
	} while (failed);
	print_message("# %ld allocations failed in turn\n", after - 1);
	assert_int_equal(run(context), 0);
}

/* Once without failures: what is made for good is not what is looked for. */
static inline void fail_each(scenario *run, void *context)
{
	assert_int_equal(run(context), 0);
	fail_in_turn(run, context, false);
	fail_in_turn(run, context, true);
}

#endif
