/*
 * The two files of an entry: payload and map. Internal to cache/.
 */
#ifndef CACHE_DISK_DISK_H
#define CACHE_DISK_DISK_H

#include "cache/disk/entry.h"

#include <stdatomic.h>
#include <sys/stat.h>

struct disk {
	int payload;	/* holds a shared flock(2), so that nobody evicts it */
	atomic_int map; /* -1: segments do not outlive this process */
};

/* "ab/ab12....data" and "ab/ab12....map" */
#define DISK_NAME_SIZE (3 + KEY_TEXT_SIZE + 5)
void disk_payload_name(const struct key *key, char name[static DISK_NAME_SIZE]);
void disk_map_name(const struct key *key, char name[static DISK_NAME_SIZE]);

/*
 * Opens the files below the directory `entries`: 0; -ENOENT when there is no
 * payload and not `create`; -errno. The payload has its full size afterwards.
 */
int disk_open(int entries, const struct key *key,
	      const struct entry_layout *layout, bool create,
	      struct disk **disk);
void disk_close(struct disk *disk); /* NULL is allowed */

/* The map; opens it if that failed before. Or -errno. */
int disk_map(struct disk *disk, int entries, const struct key *key,
	     const struct entry_layout *layout);

/* The entry is used: updates its place in the LRU order. */
void disk_touch(const struct disk *disk);

/*
 * Locks a payload that nobody has open, here or in another process: a
 * descriptor to be closed, and the file's status; -EBUSY; -ENOENT; -errno.
 */
int disk_claim(int entries, const struct key *key, struct stat *st);

/* Removes the files of an entry that is claimed: 0 and bytes on disk; -errno */
int disk_remove(int entries, const struct key *key, const struct stat *payload,
		uint64_t *bytes);

/*
 * 1: the payload's bytes [start, end) have this XXH3-64; 0: they do not; -EIO:
 * they cannot be read; -ENOMEM.
 */
int disk_check(int payload, uint64_t start, uint64_t end, uint64_t checksum);

/* Whether the payload is shorter than `size` now. */
bool disk_is_cut(const struct disk *disk, uint64_t size);

#endif
