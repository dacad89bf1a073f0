/*
 * An entry: a payload of known size cut into segments, which appear in any
 * order and are immutable once present. Shared and counted: entry_open() of a
 * key that is open gives the same object. All functions may be called on any
 * thread; none holds a lock across I/O.
 *
 * A segment's states, and who makes each step:
 *
 *   ABSENT  -> FILLING  entry_begin(), by the one who will render it
 *   FILLING -> PRESENT  entry_commit()
 *   FILLING -> ABSENT   entry_abort()
 *   FOUND   -> PRESENT  entry_read(), the checksum in the map is right
 *   FOUND   -> ABSENT   entry_read(), it is not (a crash, a flipped bit, ...)
 *   ABSENT  -> FOUND    entry_begin(), another process has rendered it
 *   PRESENT -> ABSENT   entry_read(), the payload was cut or cannot be read,
 *                       or it was a fallback whose room was needed
 *   PRESENT -> FOUND    entry_read(), entry_append(): the payload was cut, all
 *                       that it holds must prove itself again
 *   FILLING -> FOUND    entry_commit(), if the payload was cut meanwhile
 *
 * A segment without bytes is PRESENT from the start. FOUND is a promise that
 * a read may break: whoever got fewer bytes than entry_covers() promised asks
 * entry_begin() again.
 *
 * While a segment is FILLING the bytes appended so far may already be read.
 * When the disk refuses a write (full, failing, or no room under the limits)
 * the segment goes to memory instead and reading goes on; the log says so
 * once.
 */
#ifndef CACHE_DISK_ENTRY_H
#define CACHE_DISK_ENTRY_H

#include "cache/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct store;
struct entry;

/*
 * Segment i is the bytes [starts[i], starts[i + 1]) of the payload; starts has
 * count + 1 elements, starts[0] is 0, starts[count] the payload's size.
 */
struct entry_layout {
	uint32_t count; /* at least 1 */
	const uint64_t *starts;
	const char *label; /* what it is: label.h; NULL: nobody says */
};

/*
 * Copies the layout; an entry that is open already keeps its label. Marks the
 * entry as used; makes no file before the first byte is written. -ENOMEM;
 * -EINVAL: the layout is invalid, or the key is open with another one.
 */
int entry_open(struct store *store, const struct key *key,
	       const struct entry_layout *layout, struct entry **entry);
struct entry *entry_ref(struct entry *entry);
void entry_unref(struct entry *entry); /* NULL is allowed */

uint32_t entry_count(const struct entry *entry);
uint64_t entry_size(const struct entry *entry);

/* The segment that holds byte `offset`, which must be below the size. */
uint32_t entry_segment_at(const struct entry *entry, uint64_t offset);
uint64_t entry_segment_start(const struct entry *entry, uint32_t segment);

/*
 * Reads from `offset` as many bytes, up to `size`, as are present without a
 * gap. Returns their number, 0 if the first is absent, or -errno if rendering
 * would not help (-ENOMEM).
 */
ssize_t entry_read(struct entry *entry, uint64_t offset, void *buffer,
		   size_t size);

/* Whether [offset, offset + size) is PRESENT, FOUND or appended; no I/O. */
bool entry_covers(struct entry *entry, uint64_t offset, uint64_t size);

/* PRESENT or FOUND; no I/O. */
bool entry_has(struct entry *entry, uint32_t segment);

/* The number of segments that are PRESENT or FOUND; no I/O. */
uint32_t entry_there(struct entry *entry);

/* Every segment is PRESENT or FOUND; no I/O. */
bool entry_complete(struct entry *entry);

/* The disk refused this segment: it is a fallback. */
bool entry_is_fallback(struct entry *entry, uint32_t segment);

/*
 * Claims a segment for writing: 0, -EALREADY: somebody else has claimed it,
 * -EEXIST: it is present, -ENOMEM. Until commit or abort the claimant holds a
 * reference and makes one call at a time for this segment.
 */
int entry_begin(struct entry *entry, uint32_t segment);

/*
 * Appends bytes to a claimed segment: 0; -EFBIG past its end (nothing is
 * written); -ENOMEM: neither disk nor memory takes them; -EAGAIN: the disk lost
 * what was appended before; after an abort the segment can be rendered again,
 * and goes to memory. May block while room is made on the disk.
 */
int entry_append(struct entry *entry, uint32_t segment, const void *bytes,
		 size_t size);

/*
 * All bytes were appended: 0, or -EIO: bytes are missing (then it is aborted).
 */
int entry_commit(struct entry *entry, uint32_t segment);

/* The same, but nobody finds the segment once the entry has been closed. */
int entry_commit_for_now(struct entry *entry, uint32_t segment);

/* Whether that was done to any segment since the entry was opened. */
bool entry_is_for_now(const struct entry *entry);
void entry_abort(struct entry *entry, uint32_t segment);

#endif
