/*
 * Eviction. A sweep walks the directory, so the account includes what other
 * processes wrote, and evicts the least recently used entries first. It goes
 * somewhat below the limit, so that the next segments need no sweep. One thread
 * sweeps at a time; the others wait for its result.
 *
 * What anybody has open is under a shared lock; the sweep tries the exclusive
 * one without waiting, and so spares it.
 */
#include "cache/disk/evict.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/counters.h"
#include "cache/disk/disk.h"
#include "cache/disk/scan.h"
#include "cache/io.h"

#define INTERVAL 60  /* seconds between two sweeps of the thread */
#define LOW_WATER 90 /* a sweep goes down to this percentage of the limit */

static uint64_t free_bytes(const struct evict *evict)
{
	return io_room(evict->entries, evict->min_free);
}

static bool short_of_free(struct evict *evict, uint64_t need, uint64_t margin)
{
	uint64_t free = free_bytes(evict);

	return free != UINT64_MAX &&
	       free < need + margin + space_inflight(&evict->space);
}

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static void evict_item(struct evict *evict, const struct scan_item *item)
{
	struct stat payload;
	uint64_t bytes;
	auto_fd int fd = disk_claim(evict->entries, &item->key, &payload);

	/* it may have been used since the scan */
	if (fd < 0 || mtime_ns(&payload) > item->used_ns)
		return;
	if (disk_remove(evict->entries, &item->key, &payload, &bytes) < 0)
		return;
	close(steal_fd(&fd)); /* now the blocks are free */
	space_evicted(&evict->space, bytes);
	count(entries_evicted);
	count_n(evicted_bytes, bytes);
}

static void evict_old(struct evict *evict, const struct scan *scan)
{
	int64_t age = (int64_t)evict->age;
	int64_t now = clock_wall_ns();

	if (age == 0 || age > now / 1000000000)
		return;
	for (size_t i = 0; i < scan->count; i++) {
		if (scan->items[i].used_ns >= now - age * 1000000000)
			break;
		evict_item(evict, &scan->items[i]);
	}
}

static void evict_for_size(struct evict *evict, const struct scan *scan,
			   uint64_t need)
{
	if (!space_over(&evict->space, need, 100))
		return;
	for (size_t i = 0; i < scan->count; i++) {
		if (!space_over(&evict->space, need, LOW_WATER))
			break;
		evict_item(evict, &scan->items[i]);
	}
}

static void evict_for_free(struct evict *evict, const struct scan *scan,
			   uint64_t need)
{
	uint64_t margin = evict->min_free / 10;

	if (!short_of_free(evict, need, 0))
		return;
	for (size_t i = 0; i < scan->count; i++) {
		if (!short_of_free(evict, need, margin))
			break;
		evict_item(evict, &scan->items[i]);
	}
}

/* The caller is the one who sweeps. */
static void sweep(struct evict *evict, uint64_t need)
{
	struct scan scan;

	if (scan_run(&scan, evict->entries) == 0) {
		space_scanned(&evict->space, scan.bytes);
		evict_old(evict, &scan);
		evict_for_size(evict, &scan, need);
		evict_for_free(evict, &scan, need);
		scan_release(&scan);
	}
	space_end_sweep(&evict->space,
			need > 0 && (space_over(&evict->space, need, 100) ||
				     short_of_free(evict, need, 0)));
}

int evict_reserve(struct evict *evict, uint64_t bytes)
{
	for (;;) {
		switch (space_take(&evict->space, bytes, free_bytes(evict))) {
		case SPACE_TAKEN:
			return 0;
		case SPACE_FULL:
			return -ENOSPC;
		case SPACE_UNKNOWN:
			return -EAGAIN;
		case SPACE_SWEEP:
			sweep(evict, bytes);
		}
	}
}

/* Scans again and applies all limits. */
static void sweep_all(struct evict *evict)
{
	space_begin_sweep(&evict->space);
	sweep(evict, 0);
}

/* An age below a minute is kept to the second, too. */
static time_t interval(const struct evict *evict)
{
	uint64_t age = evict->age;

	return age > 0 && age < INTERVAL ? (time_t)age : INTERVAL;
}

static bool wait_for_next(struct evict *evict)
{
	struct timespec until = clock_after_ms(1000 * (int64_t)interval(evict));
	bool stop;
	int r = 0;
	auto_lock(&evict->lock);

	while (!evict->stop && !evict->look && r == 0)
		r = pthread_cond_timedwait(&evict->wake, &evict->lock, &until);
	evict->look = false;
	stop = evict->stop;
	return !stop;
}

static void *sweep_now_and_then(void *argument)
{
	struct evict *evict = argument;

	do
		sweep_all(evict);
	while (wait_for_next(evict));
	return NULL;
}

int evict_init(struct evict *evict, int entries,
	       const struct store_limits *limits)
{
	int r;

	*evict = (struct evict){.entries = entries,
				.min_free = limits->min_free,
				.age = limits->age};
	r = space_init(&evict->space, limits->size);
	if (r < 0)
		return r;
	pthread_mutex_init(&evict->lock, NULL);
	r = clock_init_cond(&evict->wake);
	if (r < 0)
		goto release;
	r = -pthread_create(&evict->thread, NULL, sweep_now_and_then, evict);
	if (r == 0)
		return 0;
	pthread_cond_destroy(&evict->wake);
release:
	pthread_mutex_destroy(&evict->lock);
	space_release(&evict->space);
	return r;
}

void evict_set_limits(struct evict *evict, const struct store_limits *limits)
{
	atomic_store(&evict->min_free, limits->min_free);
	atomic_store(&evict->age, limits->age);
	space_set_limit(&evict->space, limits->size);
	auto_lock(&evict->lock);
	evict->look = true;
	pthread_cond_signal(&evict->wake);
}

void evict_release(struct evict *evict)
{
	pthread_mutex_lock(&evict->lock);
	evict->stop = true;
	pthread_cond_signal(&evict->wake);
	pthread_mutex_unlock(&evict->lock);
	pthread_join(evict->thread, NULL);
	pthread_cond_destroy(&evict->wake);
	pthread_mutex_destroy(&evict->lock);
	space_release(&evict->space);
}
