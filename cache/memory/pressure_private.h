/*
 * What pressure.c watches, and how the budget follows. One thread at a time.
 * Internal to cache/.
 */
#ifndef CACHE_MEMORY_PRESSURE_PRIVATE_H
#define CACHE_MEMORY_PRESSURE_PRIVATE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a control group and those above it let its processes have of memory
 * (Linux, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst). One thread at a
 * time.
 *
 *              version 1                version 2
 *   in use     memory.usage_in_bytes    memory.current
 *   limit      memory.limit_in_bytes    memory.high, memory.max
 *   held up    memory.failcnt           memory.events: high, max
 *
 * In use is meant without the page cache, which gives way before anything
 * else has to: inactive_file and active_file of memory.stat.
 */

#define CGROUP_LEVELS 16

struct cgroup {
	size_t count; /* of levels; 0: no group, no limit, no pressure */
	struct {
		int directory;
		bool unified;  /* version 2 */
		uint64_t held; /* how often it was held up, at the last look */
	} levels[CGROUP_LEVELS]; /* the group first, then the one above it */
};

/*
 * The directory of the group that this process is in, by the files `cgroup` and
 * `mounts` of `proc` (/proc/self), to be freed. NULL: there is none that counts
 * memory; no memory.
 */
char *cgroup_find(const char *proc);

/* NULL, or a directory that is not a group's: no levels. */
void cgroup_open(struct cgroup *cgroup, const char *directory);
void cgroup_release(struct cgroup *cgroup);

/* The lowest limit of all levels in bytes, UINT64_MAX: none. */
uint64_t cgroup_limit(const struct cgroup *cgroup);

/*
 * Whether a level is short of memory: nine tenths of its limit are in use, or
 * three quarters are and it was held up since the last look. Being held up
 * alone means nothing: reading files does that to a group, by its page cache.
 */
bool cgroup_pressed(struct cgroup *cgroup);

/*
 * Pressure stall information: for how long tasks had to wait for memory (Linux,
 * Documentation/accounting/psi.rst). One thread at a time.
 */

struct psi {
	int fd;		/* -1: there is none */
	bool trigger;	/* the kernel tells when there is pressure */
	uint64_t total; /* microseconds of stalls at the last look */
};

/*
 * Opens `path`; if that fails, there is never pressure. Asks the kernel, if
 * possible, to wake pollers: at a tenth of one second of stalls, or of two
 * where only root may ask for one. Otherwise the file is read.
 */
void psi_open(struct psi *psi, const char *path);
void psi_release(struct psi *psi);

/* What to poll for; ignored by poll(2) if there is no trigger. */
struct pollfd psi_pollfd(const struct psi *psi);

/*
 * Whether there was pressure since the last look, which was about a second ago
 * if there is no trigger. `events` is what poll(2) found.
 */
bool psi_pressed(struct psi *psi, short events);

/* How a budget follows memory pressure: pure arithmetic. */

struct pressure_state {
	uint64_t budget; /* bytes: in force */
	uint64_t min;	 /* bytes: pressure leaves this much */
	uint64_t shrunk; /* seconds: the last time it shrank */
	uint64_t since;	 /* seconds: neither pressure nor growth since then */
};

/*
 * The budget from now on, which is also kept in the state. `pressed`: there was
 * pressure since the last call; `max` (bytes): the budget without pressure;
 * `now`: a clock in seconds that never goes back. May be called at any time:
 * pressure takes a quarter once a second, calm gives an eighth of `max` every
 * ten seconds, and above `max` it is `max` at once.
 */
uint64_t pressure_next(struct pressure_state *state, bool pressed, uint64_t max,
		       uint64_t now);

#endif
