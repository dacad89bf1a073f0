/*
 * Facts about source files, kept in SQLite so that a library is probed only
 * once. A row belongs to one version of one file (struct file_id).
 *
 * facts_get() may be called on any thread; it reads memory or one SQLite page
 * and never waits for a writer. facts_put() only queues: a thread of its own
 * writes batches. A database that cannot be used costs speed, never service:
 * after one log line, facts live in memory only. A damaged one is set aside.
 */
#ifndef CACHE_DISK_FACTS_H
#define CACHE_DISK_FACTS_H

#include "base/file_id.h"
#include "cache/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum facts_kind {
	FACTS_LOSSLESS = 1, /* audio that the quality folders transcode */
	FACTS_LOSSY,	    /* audio that passes through */
	FACTS_OTHER,	    /* no audio stream: passes through */
	FACTS_BROKEN,	    /* no decoder can open it: see `reason` */
	FACTS_PICTURE,	    /* `tag_size`: what it adds to a track's tag */
};

struct facts {
	uint32_t kind; /* enum facts_kind */
	uint32_t rate; /* Hz */
	uint32_t channels;
	uint32_t bits;	     /* per sample, 0 where that means nothing */
	uint64_t samples;    /* per channel, exact */
	struct key identity; /* of the audio, independent of tags and name */
	uint32_t tag_size;   /* bytes of its ID3 tag without a folder's cover */
	uint32_t picture_side; /* of its largest picture in pixels, 0: it has
				  none */
	uint32_t probed; /* see transcode/engine/probing.h; 0: an old row */
	char codec[16];
	char genre[64]; /* of its tag, unchanged; or "" */
	char reason[96];

	/* the reason of the last failure; or "" */
	char failure[96];
	int64_t failed_at; /* seconds since 1970 */
};

/*
 * Whether a file can be like this. A worker may have been taken over, and a
 * database is a file like any other.
 */
bool facts_possible(const struct facts *facts);

struct facts_db;

/*
 * Opens or makes `directory`/facts.sqlite. Always gives a usable object, except
 * for -ENOMEM.
 */
int facts_open(const char *directory, struct facts_db **db);

/* Writes what is queued, then releases. NULL is allowed. */
void facts_close(struct facts_db *db);

/* 0, or -ENOENT: this version of the file is unknown. */
int facts_get(struct facts_db *db, const struct file_id *id,
	      struct facts *facts);

/*
 * How many versions of files are known in `directory`, without opening the
 * database for use. -EIO: there is none, or it is damaged; -ENOMEM.
 */
int facts_count(const char *directory, uint64_t *rows);

void facts_put(struct facts_db *db, const struct file_id *id,
	       const struct facts *facts);

/* Remembered as long as the database is open, but never written. */
void facts_put_for_now(struct facts_db *db, const struct file_id *id,
		       const struct facts *facts);

/*
 * Waits until everything queued so far is written. For tests: nobody else
 * notices when that happens.
 */
void facts_flush(struct facts_db *db);

#endif
