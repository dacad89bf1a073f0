/*
 * Why a task failed, as one line for the daemon's log. The worker is one
 * thread and one task at a time, so the last reason is all there is.
 */
#ifndef WORKER_FAIL_H
#define WORKER_FAIL_H

#include <stdbool.h>

#define FAIL_TEXT_SIZE 160

/* Notes the reason and returns `error` (a negative errno). */
int fail(int error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Libraries say "out of memory" also of what they cannot read, and of a size
 * that only a broken file asks for. False: there is memory, the file is at
 * fault.
 */
bool fail_is_memory_short(void);

/* Never NULL. Empty after fail_clear(). */
const char *fail_text(void);
void fail_clear(void);

/*
 * What the log should tell of a source that is decoded all the same; the first
 * one counts. A probe reports what opening finds, a rendering what decoding
 * does, so that it is told once.
 */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The remark since the last call, or NULL. */
const char *remark_take(void);

#endif
