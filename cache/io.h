/*
 * pread(2), pwrite(2) and fallocate(2) that continue after a signal or a
 * partial transfer. Internal to cache/.
 */
#ifndef CACHE_IO_H
#define CACHE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IO_BLOCK 4096 /* bytes that disk space is counted in */

/* Bytes read: fewer than `size` only at the end of the file; -errno. */
ssize_t io_read(int fd, void *buffer, size_t size, uint64_t offset);

/* 0: everything is written; else -errno. */
int io_write(int fd, const void *bytes, size_t size, uint64_t offset);

/* Frees the blocks of whole pages: 0; -EOPNOTSUPP; -errno. */
int io_punch(int fd, uint64_t offset, uint64_t size);

/*
 * Bytes that the file system of `fd` can give if `leave` are to stay free;
 * UINT64_MAX if that is 0, or unknown.
 */
uint64_t io_room(int fd, uint64_t leave);

#endif
