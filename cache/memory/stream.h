/*
 * A streaming buffer: runs of bytes in a file without a name, on the cache's
 * disk. It goes through the page cache, so what is used stays in memory while
 * there is room, and what is not is on disk. By pread(2) and pwrite(2) and not
 * by mmap(2): a disk that is full or fails is an errno then and not a SIGBUS
 * that ends the daemon. Any thread.
 */
#ifndef CACHE_MEMORY_STREAM_H
#define CACHE_MEMORY_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stream;

/*
 * `limit` in bytes, above 4 TiB is as 4 TiB. The file is made in `directory`
 * when it is first needed. -ENOMEM.
 */
int stream_create(const char *name, const char *directory, uint64_t limit,
		  struct stream **stream);
void stream_destroy(struct stream *stream); /* NULL is allowed */

/*
 * A run of `size` bytes, whose place on disk is had by writing to it: 0;
 * -EINVAL: no bytes; -ENOSPC: over the limit, or what is free is too scattered;
 * -errno: the file cannot be made.
 */
int stream_take(struct stream *stream, size_t size, uint64_t *offset);

/* The same size again. Its blocks are freed at once, if the disk knows how. */
void stream_give_back(struct stream *stream, uint64_t offset, size_t size);

/*
 * Bytes within a run that is taken, fewer than asked at the end of what was
 * ever written there; -ENXIO: it is not taken; -errno.
 */
ssize_t stream_read(struct stream *stream, uint64_t offset, void *bytes,
		    size_t size);

/* 0 when all is written, else as above. */
int stream_write(struct stream *stream, uint64_t offset, const void *bytes,
		 size_t size);

/* In bytes. */
uint64_t stream_limit(struct stream *stream);

#endif
