/*
 * Resident parts: small, recent results of tracks, kept on the heap as byte
 * strings by the key of a track's audio and by part. A track's parts come and
 * go together: when there is no room, those of the least recently used track go
 * first; none is given out once its time to live has passed.
 *
 * Any thread; no I/O.
 */
#ifndef CACHE_MEMORY_RESIDENT_H
#define CACHE_MEMORY_RESIDENT_H

#include "cache/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `part` is below this. A track's parts fit, as each takes at most a quarter.
 */
#define RESIDENT_PARTS 4

struct resident_config {
	uint64_t size;	 /* bytes of all parts, 0: keep nothing */
	unsigned tracks; /* 0: keep nothing */
	unsigned ttl;	 /* seconds since a part was put, 0: no limit */
};

struct resident;

/* 0 or -ENOMEM. */
int resident_create(const struct resident_config *config,
		    struct resident **resident);
void resident_destroy(struct resident *resident); /* NULL is allowed */

/* Whether a part of this size is ever kept: up to a quarter of the limit. */
bool resident_takes(const struct resident *resident, size_t size);

/*
 * Keeps a copy; the old part is gone in any case. A part that is not taken, or
 * finds no memory, is left out: it would only have saved time.
 */
void resident_put(struct resident *resident, const struct key *key,
		  unsigned part, const void *bytes, size_t size);

/*
 * Copies the bytes [offset, offset + size) of a part, which marks its track as
 * used. False: it is not there, or no longer, or ends earlier.
 */
bool resident_read(struct resident *resident, const struct key *key,
		   unsigned part, uint64_t offset, void *bytes, size_t size);

/* As of now, including parts that have expired unnoticed. */
void resident_used(struct resident *resident, unsigned *tracks,
		   uint64_t *bytes);

#endif
