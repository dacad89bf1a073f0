/*
 * The map of an entry on disk: which segments of the payload are present, and
 * the XXH3-64 of each. Internal to cache/.
 *
 *   magic, version, segment count, payload size, XXH3-64 of the layout
 *   checksum, mark      segment 0
 *   checksum, mark      segment 1 ...
 *
 * All in the machine's byte order. A record holds when mark == ~checksum, so
 * that zeros, and most garbage, mean "absent". A record is written after the
 * payload's bytes; whether those reached the disk the checksum tells.
 */
#ifndef CACHE_MAP_H
#define CACHE_MAP_H

#include "cache/entry.h"

/* Bytes of a map file on disk, in whole blocks. */
uint64_t map_room(uint32_t count);

/*
 * Opens the map `name` in `directory`, makes what is missing; one that is of
 * another layout, version or program is replaced. Several processes may do
 * this at once. Returns a descriptor or -errno.
 */
int map_open(int directory, const char *name,
	     const struct entry_layout *layout);

/* 0 and the checksum; -ENOENT when the record says absent; -errno. */
int map_get(int map, uint32_t segment, uint64_t *checksum);

int map_set(int map, uint32_t segment, uint64_t checksum);
int map_clear(int map, uint32_t segment);

/*
 * All records: calls found() for each that holds. 0 or -errno. Reads in
 * blocks, allocates nothing.
 */
int map_each(int map, uint32_t count,
	     void (*found)(void *context, uint32_t segment, uint64_t checksum),
	     void *context);

#endif
