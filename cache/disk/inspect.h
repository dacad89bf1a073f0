/*
 * A look at a cache from outside, whether processes use it meanwhile or not: no
 * library is needed, and nothing is changed unless that is asked for. What
 * changes while one looks is what it was at some moment of it. One thread.
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
	bool cut;		     /* the path may be the end of a longer */
	bool mapped;		     /* false: no map, or one of no use */
	uint64_t bytes;		     /* on disk, payload and map */
	uint64_t size;		     /* bytes of the whole payload */
	uint64_t there;		     /* bytes of it that there should be */
	uint32_t count;		     /* segments, 0 if it is not mapped */
	uint32_t present;	     /* those that there should be */
	int64_t used_ns;	     /* the last use, since the epoch */
};

enum inspect_stray_kind {
	INSPECT_TEMPORARY, /* a file that was never finished */
	INSPECT_LONE_MAP,  /* a map without a payload */
	INSPECT_FOREIGN,   /* nothing of the cache's, or in a wrong place */
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
 * Looks at the cache in `directory`. 0; -ENOMEM; -errno: there is none, or it
 * cannot be read. inspect_release() is right in any case.
 */
int inspect_open(struct inspection *inspection, const char *directory);
void inspect_release(struct inspection *inspection);

struct inspect_check {
	uint32_t checked; /* segments that were there */
	uint32_t bad;
	uint32_t cleared; /* bad ones that the map has no more */
	uint64_t bytes;	  /* that were read */
};

/*
 * Reads all segments of an entry that there should be and compares their
 * checksums; adds to `check`. Calls bad() for each that is wrong or cannot be
 * read; with `repair` its record is cleared, also when somebody uses the entry.
 *
 * 0; -ENOENT: the entry is gone by now; -EBADMSG: there is no map, or one of no
 * use, and nobody has it open who could be making one: with `repair` it has
 * been removed, if that went well (`*removed`); -ENOMEM; -errno.
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
 * Which entries a path means that somebody gave: those of this file or below
 * this folder; false for all others. An absolute path is compared to paths in
 * the library by its longest end that names any of them.
 */
struct inspect_path {
	char *path;   /* clean, on the heap */
	size_t reach; /* of the longest end */
};

int inspect_path_init(struct inspect_path *wanted, const char *path,
		      const struct inspection *inspection);
void inspect_path_release(struct inspect_path *wanted);
bool inspect_path_means(const struct inspect_path *wanted,
			const struct inspect_entry *entry);

#endif
