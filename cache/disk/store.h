/*
 * The cache directory and its limits. In it:
 *
 *   facts.sqlite           facts about source files (facts.h)
 *   entries/ab/ab12....data  payloads, at their final size, sparse (entry.h)
 *   entries/ab/ab12....map   which segments are present, their checksums and
 *                            places, and what the entry is (inspect.h)
 *
 * Several processes may use one directory at once: payload bytes are a function
 * of the key, so two writers of a segment write the same, and an open entry
 * holds a shared flock(2) on its payload, so that nobody evicts what somebody
 * reads.
 */
#ifndef CACHE_DISK_STORE_H
#define CACHE_DISK_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>

struct store;
struct facts_db;

struct store_limits {
	uint64_t size;	   /* bytes on disk in entries/, 0: no limit */
	uint64_t min_free; /* bytes to leave free on the file system */
	uint64_t age;	   /* seconds since the last use, 0: no limit */
	uint64_t fallback; /* bytes of fallback segments, when the
			      disk fails */
};

/*
 * Makes the directory (mode 0700) and what is missing in it. -errno: it cannot
 * be made or written; the caller logs that and stops. Starts one thread that
 * applies the limits (age, free space, size after other processes wrote), and
 * the facts' writer: call it after fork(2). An open entry takes up to two
 * descriptors.
 */
int store_create(const char *directory, const struct store_limits *limits,
		 struct store **store);

/* Changes the limits, except that of the fallback. */
void store_set_limits(struct store *store, const struct store_limits *limits);

/* All entries must be closed. NULL is allowed. */
void store_destroy(struct store *store);

struct facts_db *store_facts(struct store *store);

/*
 * Bytes that the entries occupy on disk, as far as this process knows. False
 * until the first scan of the directory after store_create() has finished.
 */
bool store_used(struct store *store, uint64_t *used);

/* The disk that the cache is on. 0 or -errno. */
int store_statvfs(const struct store *store, struct statvfs *disk);

#endif
