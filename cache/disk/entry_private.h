/*
 * The inside of an entry, for the files that open, read and write it.
 * Internal to cache/.
 */
#ifndef CACHE_DISK_ENTRY_PRIVATE_H
#define CACHE_DISK_ENTRY_PRIVATE_H

#include "cache/disk/disk.h"
#include "cache/disk/entry.h"
#include "cache/disk/store_private.h"

#include <stdatomic.h>

enum segment_state { ABSENT, FILLING, FOUND, PRESENT };
enum segment_place { NOWHERE, ON_DISK, AS_FALLBACK };

/* What a segment needs only while it is FILLING. */
struct fill {
	/* the claimant's */
	void *hash;	/* XXH3_state_t over what was appended */
	uint64_t taken; /* disk space in flight */

	/* the claimant's, written under the entry's lock */
	uint64_t appended; /* bytes */

	/* protected by the entry's lock */
	bool suspect; /* what is on disk may not be what was appended */
};

/* Protected by the entry's lock; only the claimant moves it from FILLING. */
struct stored_segment {
	uint8_t state;
	uint8_t place;
	bool distrust;	   /* the record in the map on disk was proved wrong */
	bool avoid_disk;   /* the disk could not read it back */
	uint64_t checksum; /* XXH3-64: FOUND, or PRESENT on disk */
	struct fill *fill;
	struct fallback *fallback; /* AS_FALLBACK; NULL after it was dropped */
};

struct entry {
	/* immutable */
	struct key key;
	struct store *store;
	uint32_t count;
	uint64_t *starts;
	char *label; /* or NULL */

	/* protected by the table's lock */
	LIST_ENTRY(entry) link;

	/* lock-free */
	atomic_uint refs;
	_Atomic(struct disk *) disk; /* set once; NULL: no files yet */
	atomic_bool all_on_disk;     /* all PRESENT, none AS_FALLBACK */
	atomic_uint generation;	     /* how often the payload was found
					truncated */
	atomic_bool for_now;	     /* some of it was committed for now */

	/* protected by the lock, which is held for no I/O */
	pthread_mutex_t lock;
	uint32_t present; /* segments that are PRESENT */
	bool warned;	  /* a damaged segment was logged */
	struct stored_segment segments[];
};

/* As it was passed to entry_open(). Valid as long as the entry. */
struct entry_layout entry_layout_of(const struct entry *entry);

uint64_t entry_segment_size(const struct entry *entry, uint32_t segment);

/* The state, after noticing that its fallback was dropped. */
enum segment_state entry_state_locked(struct entry *entry, uint32_t segment);
void entry_set_present_locked(struct entry *entry, uint32_t segment);

/* From PRESENT to another state. */
void entry_set_lost_locked(struct entry *entry, uint32_t segment,
			   enum segment_state state);

/* The entry's files: opened, or with `create` made if there are none. */
int entry_disk(struct entry *entry, bool create, struct disk **disk);

/*
 * The payload was found too short: it gets its size again, and what it holds
 * must prove itself by its checksum.
 */
void entry_distrust(struct entry *entry, struct disk *disk);

void entry_forget_record(struct entry *entry, uint32_t segment);

#endif
