/*
 * The map of an entry on disk: which segments of the payload are present, and
 * the XXH3-64 of each; where they lie, and what the entry is, so that it can be
 * judged without the library. Internal to cache/.
 *
 *   magic, version, segment count, payload size, XXH3-64 of the starts
 *   checksum, mark      segment 0
 *   checksum, mark      segment 1 ...
 *   starts              count + 1 offsets: struct entry_layout
 *   label, its XXH3-64  512 bytes
 *
 * All in the machine's byte order. A record holds when mark == ~checksum, so
 * that zeros, and most garbage, mean "absent". A record is written after the
 * payload's bytes; whether those reached the disk the checksum tells. The label
 * is what the entry was opened with last; a damaged one is none. Version 1 had
 * neither starts nor label.
 */
#ifndef CACHE_DISK_MAP_H
#define CACHE_DISK_MAP_H

#include "cache/disk/entry.h"
#include "cache/disk/label.h"

/* Bytes of a map file on disk, in whole blocks. */
uint64_t map_room(uint32_t count);

/*
 * Whether it is valid: at least one segment, none of which ends before it
 * begins, and a size that a file can have.
 */
bool map_layout_is_valid(const struct entry_layout *layout);

/*
 * Opens the map `name` in `directory` and makes what is missing; replaces a map
 * of another layout, version or program. Several processes may do this at once.
 * Returns a descriptor or -errno.
 */
int map_open(int directory, const char *name,
	     const struct entry_layout *layout);

/* 0 and the checksum; -ENOENT: the record says absent; -errno. */
int map_get(int map, uint32_t segment, uint64_t *checksum);

int map_set(int map, uint32_t segment, uint64_t checksum);
int map_clear(int map, uint32_t segment);

/*
 * All records: calls found() for each valid one. 0 or -errno. Reads in blocks,
 * allocates nothing.
 */
int map_each(int map, uint32_t count,
	     void (*found)(void *context, uint32_t segment, uint64_t checksum),
	     void *context);

struct map_contents {
	uint32_t count;
	uint64_t *starts; /* count + 1 of them: a valid layout */
	struct label label;
};

/*
 * Reads a map without knowing the entry, and checks all of it: 0; -EBADMSG: it
 * is damaged, of another version, or being made; -ENOMEM; -errno.
 * map_contents_release() after success.
 */
int map_read(int map, struct map_contents *contents);
void map_contents_release(struct map_contents *contents);

#endif
