/*
 * What a control group and those above it let its processes have of memory
 * (Linux, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst). One thread at a
 * time. Internal to cache/.
 *
 *              version 1                version 2
 *   in use     memory.usage_in_bytes    memory.current
 *   limit      memory.limit_in_bytes    memory.high, memory.max
 *   held up    memory.failcnt           memory.events: high, max
 *
 * In use is meant without the page cache, which gives way before anything
 * else has to: inactive_file and active_file of memory.stat.
 */
#ifndef CACHE_MEMORY_CGROUP_H
#define CACHE_MEMORY_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CGROUP_LEVELS 16

struct cgroup {
	size_t count; /* of levels; 0: no group, no limit, no pressure */
	struct {
		int directory;
		bool unified;  /* version 2 */
		uint64_t held; /* times that it was held up, at the last look */
	} levels[CGROUP_LEVELS]; /* the group first, then the one above it */
};

/*
 * The directory of the group that this process is in, by the files `cgroup` and
 * `mounts` of `proc` (/proc/self), to be freed. NULL: there is none that counts
 * memory; no memory.
 */
char *cgroup_find(const char *proc);

/* NULL, or a directory that is no group's: no levels. */
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

#endif
