/*
 * Keeps the entries within their limits: size, free space, age. Internal to
 * cache/.
 */
#ifndef CACHE_DISK_EVICT_H
#define CACHE_DISK_EVICT_H

#include "cache/disk/store.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How many bytes the entries occupy, and who may take more.
 *
 *    used      what the last scan saw, plus what was taken since, minus what
 * was evicted: never less than this process has on the disk inflight  the part
 * of `used` that is being written: a scan that runs meanwhile may or may not
 * see it taken     what was taken since the running scan began, and was in
 * flight then: added to what the scan finds
 */

struct space {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t limit; /* 0: no limit */
	uint64_t used;
	uint64_t inflight;
	uint64_t taken;
	bool known;    /* the first scan is through */
	bool sweeping; /* one thread scans and evicts */
	bool stuck;    /* the last sweep found too little to evict */
};

/* What to do to get room. */
enum space_step {
	SPACE_TAKEN,   /* nothing, it is taken */
	SPACE_SWEEP,   /* the caller sweeps: scan, evict, space_end_sweep() */
	SPACE_FULL,    /* nothing can be done */
	SPACE_UNKNOWN, /* unknown yet: the first scan is running */
};

int space_init(struct space *space, uint64_t limit);
void space_release(struct space *space);
void space_set_limit(struct space *space, uint64_t limit);

/*
 * Asks for `bytes`; `free` is what the file system can give besides what is in
 * flight (UINT64_MAX: any). If there is no room yet, waits while another thread
 * sweeps; waits only briefly for the first scan of a large cache.
 */
enum space_step space_take(struct space *space, uint64_t bytes, uint64_t free);

/* What was taken is on disk or was given up. */
void space_settle(struct space *space, uint64_t bytes);

/* What was taken was not used at all. */
void space_give_back(struct space *space, uint64_t bytes);

/* Something has become evictable. */
void space_unstick(struct space *space);

/* Waits for the running sweep, then makes the caller the one who sweeps. */
void space_begin_sweep(struct space *space);
void space_scanned(struct space *space, uint64_t found);
void space_evicted(struct space *space, uint64_t bytes);

/* Whether `used` plus `bytes` exceeds `percent` of the limit. */
bool space_over(struct space *space, uint64_t bytes, unsigned percent);
void space_end_sweep(struct space *space, bool stuck);

/* False until the first scan is through. */
bool space_used(struct space *space, uint64_t *used);
uint64_t space_inflight(struct space *space);

struct evict {
	int entries; /* the directory, immutable */
	_Atomic uint64_t min_free;
	_Atomic uint64_t age; /* seconds */

	struct space space;

	pthread_t thread; /* sweeps now and then */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop; /* protected by the lock, like `look` */
	bool look;
};

/* Starts the thread, which scans at once. 0 or -errno. */
int evict_init(struct evict *evict, int entries,
	       const struct store_limits *limits);
void evict_release(struct evict *evict);

/*
 * Takes room for `bytes` on disk, and evicts unused entries for it: 0, -ENOSPC,
 * or -EAGAIN while the first scan of a large cache runs. space_settle() or
 * space_give_back() must follow. Blocks on I/O.
 */
int evict_reserve(struct evict *evict, uint64_t bytes);

/* Changes the limits; the thread applies them at once. */
void evict_set_limits(struct evict *evict, const struct store_limits *limits);

#endif
