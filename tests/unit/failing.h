/*
 * The n-th allocation of this thread fails, as do those that follow: for tests
 * of what is done without memory. In one file of a program.
 */
#ifndef TESTS_UNIT_FAILING_H
#define TESTS_UNIT_FAILING_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);
void __libc_free(void *bytes);

static __thread long failing_after = -1; /* -1: none fails */
static __thread bool failing_for_good;
static __thread bool failed;
static __thread long allocated; /* and not freed, by this thread */

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

#endif
