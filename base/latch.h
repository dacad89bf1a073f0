/* A thread waits until another one has its answer. */
#ifndef BASE_LATCH_H
#define BASE_LATCH_H

#include <pthread.h>
#include <stdbool.h>

struct latch {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
};

#define LATCH_INITIALIZER                                                      \
	{                                                                      \
		.lock = PTHREAD_MUTEX_INITIALIZER,                             \
		.opened = PTHREAD_COND_INITIALIZER                             \
	}

/*
 * The waiting thread sees what was written before. The latch may be gone
 * afterwards.
 */
static inline void latch_open(struct latch *latch)
{
	pthread_mutex_lock(&latch->lock);
	latch->open = true;
	pthread_cond_signal(&latch->opened);
	pthread_mutex_unlock(&latch->lock);
}

/* Closes it again. */
static inline void latch_wait(struct latch *latch)
{
	pthread_mutex_lock(&latch->lock);
	while (!latch->open)
		pthread_cond_wait(&latch->opened, &latch->lock);
	latch->open = false;
	pthread_mutex_unlock(&latch->lock);
}

#endif
