/*
 * Why a task failed, as one line for the daemon's log. The worker has one
 * thread and one task at a time, so only the last reason is kept.
 */
#ifndef WORKER_FAIL_H
#define WORKER_FAIL_H

#include <stdbool.h>

#define FAIL_TEXT_SIZE 160

/* Notes the reason and returns `error` (a negative errno). */
int fail(int error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Libraries also say "out of memory" when they cannot read something, or when a
 * broken file asks for an absurd size. False: there is memory, so the file is
 * to blame.
 */
bool fail_is_memory_short(void);

/* Never NULL. Empty after fail_clear(). */
const char *fail_text(void);
void fail_clear(void);

/*
 * What the log should say about a source that is decoded nevertheless; the
 * first remark counts. A probe reports what opening finds, a rendering what
 * decoding finds, so that it is logged once.
 */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The remark since the last call, or NULL. */
const char *remark_take(void);

#endif
