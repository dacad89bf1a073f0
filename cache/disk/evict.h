/*
 * Keeps the entries within their bounds: size, free space, age. Internal to
 * cache/.
 */
#ifndef CACHE_DISK_EVICT_H
#define CACHE_DISK_EVICT_H

#include "cache/disk/space.h"
#include "cache/disk/store.h"

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
 * Takes room for `bytes` on disk, evicts for it what nobody uses: 0, -ENOSPC,
 * or -EAGAIN while the first scan of a large cache runs. space_settle() or
 * space_give_back() must follow. Blocks on I/O.
 */
int evict_reserve(struct evict *evict, uint64_t bytes);

/* Other bounds from now on; the thread looks at once. */
void evict_set_limits(struct evict *evict, const struct store_limits *limits);

#endif
