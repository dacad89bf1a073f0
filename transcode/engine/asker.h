/*
 * Somebody who asks for something. What nobody waits for any more, because the
 * readers have been killed, need not be made: the worker takes the next job.
 */
#ifndef TRANSCODE_ENGINE_ASKER_H
#define TRANSCODE_ENGINE_ASKER_H

#include <stdbool.h>
#include <stddef.h>

struct asker {
	/* Called until the answer comes, under locks: it must not block, nor
	   call the engine. NULL: the asker always waits. */
	bool (*waits)(void *arg);
	void *arg;
};

/* A copy; of NULL: an asker who always waits. */
static inline struct asker asker_of(const struct asker *asker)
{
	return asker ? *asker : (struct asker){NULL, NULL};
}

static inline bool asker_waits(const struct asker *asker)
{
	return !asker->waits || asker->waits(asker->arg);
}

#endif
