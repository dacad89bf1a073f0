/* A thread waits until another one has an answer for it. */
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

/* What was written before is seen by who waits. The latch may be gone after. */
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
