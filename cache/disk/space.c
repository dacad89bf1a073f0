/*
 * The account of disk space. It errs to one side only: what is being written
 * while a scan runs may be counted twice, until the next scan, but is never
 * missed, so the limit holds at every moment.
 */
#include "cache/disk/evict.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <assert.h>

enum { FIRST_SCAN_MS = 50 };

int space_init(struct space *space, uint64_t limit)
{
	int r = -pthread_mutex_init(&space->lock, NULL);

	if (r < 0)
		return r;
	r = clock_init_cond(&space->changed);
	if (r < 0) {
		pthread_mutex_destroy(&space->lock);
		return r;
	}
	space->limit = limit;
	return 0;
}

void space_set_limit(struct space *space, uint64_t limit)
{
	auto_lock(&space->lock);

	space->limit = limit;
	space->stuck = false;
}

void space_release(struct space *space)
{
	pthread_cond_destroy(&space->changed);
	pthread_mutex_destroy(&space->lock);
}

static bool over_locked(const struct space *space, uint64_t bytes,
			unsigned percent)
{
	uint64_t limit = space->limit / 100 * percent;

	if (space->limit == 0)
		return false;
	if (percent == 100)
		limit = space->limit;
	return bytes > limit || space->used > limit - bytes;
}

static bool fits_locked(const struct space *space, uint64_t bytes,
			uint64_t free)
{
	if (over_locked(space, bytes, 100))
		return false;
	return free == UINT64_MAX ||
	       (bytes <= free && space->inflight <= free - bytes);
}

static void take_space_locked(struct space *space, uint64_t bytes)
{
	space->used += bytes;
	space->inflight += bytes;
	if (space->sweeping)
		space->taken += bytes;
}

static void begin_sweep_locked(struct space *space)
{
	assert(!space->sweeping);
	space->sweeping = true;
	space->taken = space->inflight;
}

/* The scan of a small cache is quick enough to be waited for. */
static void wait_a_moment_locked(struct space *space)
{
	struct timespec until = clock_after_ms(FIRST_SCAN_MS);
	int r = 0;

	while (!space->known && r == 0)
		r = pthread_cond_timedwait(&space->changed, &space->lock,
					   &until);
}

/* Without a limit the cache's size does not matter, only the disk's. */
static bool is_unknown_locked(const struct space *space, uint64_t bytes,
			      uint64_t free)
{
	return !space->known &&
	       (space->limit > 0 || !fits_locked(space, bytes, free));
}

enum space_step space_take(struct space *space, uint64_t bytes, uint64_t free)
{
	auto_lock(&space->lock);

	if (is_unknown_locked(space, bytes, free))
		wait_a_moment_locked(space);
	if (is_unknown_locked(space, bytes, free))
		return SPACE_UNKNOWN;
	while (!fits_locked(space, bytes, free) && space->sweeping)
		pthread_cond_wait(&space->changed, &space->lock);
	if (fits_locked(space, bytes, free)) {
		take_space_locked(space, bytes);
		return SPACE_TAKEN;
	}
	if (space->stuck || (space->limit > 0 && bytes > space->limit))
		return SPACE_FULL;
	begin_sweep_locked(space);
	return SPACE_SWEEP;
}

void space_settle(struct space *space, uint64_t bytes)
{
	auto_lock(&space->lock);

	assert(space->inflight >= bytes);
	space->inflight -= bytes;
}

void space_give_back(struct space *space, uint64_t bytes)
{
	space_settle(space, bytes);
	space_evicted(space, bytes);
}

void space_unstick(struct space *space)
{
	auto_lock(&space->lock);

	space->stuck = false;
}

void space_begin_sweep(struct space *space)
{
	auto_lock(&space->lock);

	while (space->sweeping)
		pthread_cond_wait(&space->changed, &space->lock);
	begin_sweep_locked(space);
}

void space_scanned(struct space *space, uint64_t found)
{
	auto_lock(&space->lock);

	space->used = found + space->taken;
}

void space_evicted(struct space *space, uint64_t bytes)
{
	auto_lock(&space->lock);

	space->used -= bytes < space->used ? bytes : space->used;
}

bool space_over(struct space *space, uint64_t bytes, unsigned percent)
{
	auto_lock(&space->lock);

	return over_locked(space, bytes, percent);
}

void space_end_sweep(struct space *space, bool stuck)
{
	auto_lock(&space->lock);

	space->sweeping = false;
	space->stuck = stuck;
	space->known = true;
	pthread_cond_broadcast(&space->changed);
}

bool space_used(struct space *space, uint64_t *used)
{
	auto_lock(&space->lock);
	bool known = space->known;

	if (known)
		*used = space->used;
	return known;
}

uint64_t space_inflight(struct space *space)
{
	auto_lock(&space->lock);

	return space->inflight;
}
