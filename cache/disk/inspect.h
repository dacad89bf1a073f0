/*
 * Inspects a cache from outside, whether or not processes use it: needs no
 * library, and changes nothing unless asked to. What changes during the
 * inspection is seen as it was at some moment of it. One thread.
 */
#ifndef CACHE_DISK_INSPECT_H
#define CACHE_DISK_INSPECT_H

#include "cache/disk/label.h"
#include "cache/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inspect_entry {
	struct key key;
	char quality[LABEL_QUALITY]; /* "": its label is not known */
	char *path;		     /* of the source; "" */
	bool cut;		     /* the path may be the end of a longer
					one */
	bool mapped;		     /* false: no map, or a useless one */
	uint64_t bytes;		     /* on disk, payload and map */
	uint64_t size;		     /* bytes of the whole payload */
	uint64_t there;		     /* bytes of it that there should be */
	uint32_t count;		     /* segments, 0 if there is no map */
	uint32_t present;	     /* those that there should be */
	int64_t used_ns;	     /* the last use, since the epoch */
};

enum inspect_stray_kind {
	INSPECT_TEMPORARY, /* a file that was never finished */
	INSPECT_LONE_MAP,  /* a map without a payload */
	INSPECT_FOREIGN,   /* not the cache's, or in a wrong place */
	INSPECT_UNREADABLE /* a directory */
};

struct inspect_stray {
	enum inspect_stray_kind kind;
	char *name; /* below the directory of entries */
};

struct inspection {
	int entries;		     /* the directory */
	struct inspect_entry *items; /* by path, quality and key */
	size_t count;
	struct inspect_stray *strays; /* by name */
	size_t stray_count;
};

/*
 * Inspects the cache in `directory`. 0; -ENOMEM; -errno: there is none, or it
 * cannot be read. inspect_release() is safe in any case.
 */
int inspect_open(struct inspection *inspection, const char *directory);
void inspect_release(struct inspection *inspection);

struct inspect_check {
	uint32_t checked; /* segments that should be there */
	uint32_t bad;
	uint32_t cleared; /* bad ones that the map no longer lists */
	uint64_t bytes;	  /* that were read */
};

/*
 * Reads all segments of an entry that should be there and compares their
 * checksums; adds to `check`. Calls bad() for each that is wrong or cannot be
 * read; `repair` clears its record, even if somebody uses the entry.
 *
 * 0; -ENOENT: the entry is gone by now; -EBADMSG: there is no map, or a useless
 * one, and nobody who could be making one has it open: `repair` has tried to
 * remove it (`*removed`); -ENOMEM; -errno.
 */
int inspect_check(const struct inspection *inspection,
		  const struct inspect_entry *entry, bool repair,
		  void (*bad)(void *context, uint32_t segment, bool cleared),
		  void *context, struct inspect_check *check, bool *removed);

/* Nobody has it open now; else -EBUSY, -ENOENT, -errno. */
int inspect_is_idle(const struct inspection *inspection,
		    const struct inspect_entry *entry);

/*
 * Removes an entry that nobody has open, nor has used after `used_ns` (at most:
 * INT64_MAX). 0 and its bytes on disk; -EBUSY; -ENOENT; -errno.
 */
int inspect_remove(const struct inspection *inspection,
		   const struct inspect_entry *entry, int64_t used_ns,
		   uint64_t *bytes);

/* Removes a temporary file or a lone map: 0; -EBUSY; -EINVAL: another kind */
int inspect_remove_stray(const struct inspection *inspection,
			 const struct inspect_stray *stray);

/*
 * The entries that a path given by somebody means: those of this file or below
 * this folder; false for all others. Of an absolute path, the longest suffix
 * that matches a path in the cache counts.
 */
struct inspect_path {
	char *path;   /* clean, on the heap */
	size_t reach; /* of the longest suffix */
};

int inspect_path_init(struct inspect_path *wanted, const char *path,
		      const struct inspection *inspection);
void inspect_path_release(struct inspect_path *wanted);
bool inspect_path_means(const struct inspect_path *wanted,
			const struct inspect_entry *entry);

#endif
