/*
 * Progress on a terminal: one line on stderr, drawn again as things get done.
 * Where stderr is no terminal nothing is drawn. Any thread may step. What is
 * logged meanwhile stands above the line.
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
	uint64_t bytes; /* made of them */
	int64_t began;
	int64_t drawn; /* when it was drawn last */
};

/* `what` is being done to tracks, or other things; `quiet`: not shown. */
void progress_begin(struct progress *progress, const char *what, bool quiet);

/* So many more tracks are to be done. */
void progress_expect(struct progress *progress, size_t tracks);

/* One more is done: seconds of music, bytes that were made of it. */
void progress_step(struct progress *progress, double seconds, uint64_t bytes);

/* Several are. */
void progress_advance(struct progress *progress, size_t tracks, double seconds,
		      uint64_t bytes);

/*
 * Takes the line away so that others may write on the terminal, and keeps it
 * away until progress_show(), which draws it again.
 */
void progress_hide(struct progress *progress);
void progress_show(struct progress *progress);

/* Takes the line away. */
void progress_end(struct progress *progress);

/* Seconds since it began, and seconds of music done in each of them. */
double progress_seconds(const struct progress *progress);
double progress_speed(const struct progress *progress);

#endif
