/*
 * Why a task failed, as one line for the daemon's log. The worker is one
 * thread and one task at a time, so the last reason is all there is.
 */
#ifndef WORKER_FAIL_H
#define WORKER_FAIL_H

#define FAIL_TEXT_SIZE 160

/* Notes the reason and returns `error` (a negative errno). */
int fail(int error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Never NULL. Empty after fail_clear(). */
const char *fail_text(void);
void fail_clear(void);

#endif
