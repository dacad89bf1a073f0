/*
 * Identifies a version of a file: two opens that give the same file_id gave the
 * same bytes, as far as the kernel's time stamps can tell. Unlike the time of
 * modification, the time of change (ctime) cannot be set by a program.
 */
#ifndef BASE_FILE_ID_H
#define BASE_FILE_ID_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct file_id {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;	  /* bytes */
	int64_t mtime_ns; /* nanoseconds since the epoch */
	int64_t ctime_ns; /* the same */
};

static inline struct file_id file_id_of(const struct stat *st)
{
	return (struct file_id){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			    st->st_mtim.tv_nsec,
		.ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 +
			    st->st_ctim.tv_nsec,
	};
}

/*
 * The same except for the time of change, which also moves when a file is
 * renamed or deleted: enough for somebody who has it open.
 */
static inline bool file_id_alike(const struct file_id *a,
				 const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}

static inline bool file_id_equal(const struct file_id *a,
				 const struct file_id *b)
{
	return file_id_alike(a, b) && a->ctime_ns == b->ctime_ns;
}

/* 0: `fd` is that version of that file; -ESTALE: it is not; -errno. */
static inline int file_id_check(int fd, const struct file_id *id)
{
	struct file_id now;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	now = file_id_of(&st);
	return file_id_equal(&now, id) ? 0 : -ESTALE;
}

/* `fd` has been open since it was that version, and its bytes still are. */
static inline bool file_id_stays(int fd, const struct file_id *id)
{
	struct file_id now;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	now = file_id_of(&st);
	return file_id_alike(&now, id);
}

#endif
