/*
 * Progress on a terminal: one line on stderr, redrawn as work is done. Draws
 * nothing if stderr is not a terminal. Any thread may step. Log lines appear
 * above it.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/log.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	pthread_mutex_t lock;
	struct log_guard guard;
	bool shown; /* stderr is a terminal */
	const char *what;
	size_t total;
	size_t done;
	double audio;	/* seconds of music done */
	uint64_t bytes; /* bytes made of it */
	int64_t began;
	int64_t drawn; /* the time it was last drawn */
};

/* `what` is done to tracks, or other things; `quiet`: never shown. */
void progress_begin(struct progress *progress, const char *what, bool quiet);

/* This many more tracks are to be done. */
void progress_expect(struct progress *progress, size_t tracks);

/* One more is done: its seconds of music, and the bytes made of it. */
void progress_step(struct progress *progress, double seconds, uint64_t bytes);

/* Several are. */
void progress_advance(struct progress *progress, size_t tracks, double seconds,
		      uint64_t bytes);

/*
 * Hides the line so that others may write on the terminal, and keeps it hidden
 * until progress_show() draws it again.
 */
void progress_hide(struct progress *progress);
void progress_show(struct progress *progress);

/* Removes the line. */
void progress_end(struct progress *progress);

/* Seconds since it began, and seconds of music done in each of them. */
double progress_seconds(const struct progress *progress);
double progress_speed(const struct progress *progress);

#endif
