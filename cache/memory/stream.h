/*
 * A streaming buffer: runs of bytes in a nameless file on the cache's disk. It
 * goes through the page cache, so what is used stays in RAM while there is
 * room, and the rest is on disk. It uses pread(2) and pwrite(2), not mmap(2): a
 * full or failing disk is an errno then, and not a SIGBUS that ends the daemon.
 * Any thread.
 */
#ifndef CACHE_MEMORY_STREAM_H
#define CACHE_MEMORY_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stream;

/*
 * `limit` in bytes, at most 4 TiB. The file is made in `directory` when it is
 * first needed. -ENOMEM.
 */
int stream_create(const char *name, const char *directory, uint64_t limit,
		  struct stream **stream);
void stream_destroy(struct stream *stream); /* NULL is allowed */

/*
 * A run of `size` bytes, allocated on disk when it is written to: 0; -EINVAL:
 * no bytes; -ENOSPC: over the limit, or the free space is too scattered;
 * -errno: the file cannot be made.
 */
int stream_take(struct stream *stream, size_t size, uint64_t *offset);

/* Give the same size again. Its blocks are freed at once, if the disk can. */
void stream_give_back(struct stream *stream, uint64_t offset, size_t size);

/*
 * Reads within a run that is taken: bytes, fewer at the end of what was ever
 * written there; -ENXIO: it is not taken; -errno.
 */
ssize_t stream_read(struct stream *stream, uint64_t offset, void *bytes,
		    size_t size);

/* 0: everything is written; else as above. */
int stream_write(struct stream *stream, uint64_t offset, const void *bytes,
		 size_t size);

/* In bytes. */
uint64_t stream_limit(struct stream *stream);

#endif
