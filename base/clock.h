/*
 * Time: clock_ns() measures durations and deadlines and is never set; the wall
 * clock dates files.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND_NS 1000000000

static inline int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND_NS + now.tv_nsec;
}

/* Since some moment in the past. */
static inline int64_t clock_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

static inline int64_t clock_seconds(void)
{
	return clock_ns() / CLOCK_SECOND_NS;
}

/* Since the epoch, as time stamps of files. */
static inline int64_t clock_wall_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}

/* For pthread_cond_timedwait() on what clock_init_cond() made. */
static inline struct timespec clock_after_ms(int64_t milliseconds)
{
	int64_t then = clock_ns() + milliseconds * 1000000;

	return (struct timespec){.tv_sec = then / CLOCK_SECOND_NS,
				 .tv_nsec = then % CLOCK_SECOND_NS};
}

/* 0 or -errno. */
static inline int clock_init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	int r = -pthread_condattr_init(&attributes);

	if (r < 0)
		return r;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	r = -pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
	return r;
}

#endif
