/*
 * A ring of bytes in shared memory, one producer and one consumer, lock-free.
 * The two sides may be different processes that do not trust each other: each
 * side keeps its own position in private memory and checks what the other
 * published against the capacity, so that a hostile peer can spoil the bytes
 * but never make this side read or write outside the ring.
 *
 * Positions count bytes since the start and never wrap (2^64 bytes).
 */
#ifndef CACHE_MEMORY_RING_H
#define CACHE_MEMORY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ring; /* one side's view */

/*
 * Makes a ring of `capacity` bytes (a power of two, else -EINVAL) in a new
 * memfd, sealed against resizing. Pass ring_fd() to the other side. The reads
 * of the maker's side are counted under `name`.
 */
int ring_create(const char *name, size_t capacity, struct ring **ring);

/*
 * Maps a ring made by another process: 0; -EPROTO: `fd` is not a sealed ring;
 * -errno. Takes no ownership of `fd`; ring_fd() of the result is -1. Uses the
 * system calls fstat(2), fcntl(F_GET_SEALS) and mmap(2); later calls use none.
 */
int ring_attach(int fd, struct ring **ring);
void ring_destroy(struct ring *ring); /* NULL is allowed */
int ring_fd(const struct ring *ring);

/* Producer: takes up to `size` bytes, returns how many. Never blocks. */
size_t ring_write(struct ring *ring, const void *bytes, size_t size);

/* Consumer: gives up to `size` bytes. -EPROTO: the producer's position lies. */
ssize_t ring_read(struct ring *ring, void *bytes, size_t size);

/*
 * The producer found the ring full and will sleep: sets a mark and returns true
 * if there is still no room. After each read, the consumer asks whether
 * somebody waits, which clears the mark. Together they lose no wake-up.
 */
bool ring_wait_for_room(struct ring *ring);
bool ring_somebody_waits(struct ring *ring);

/* Discards unread bytes (consumer), for use between two tasks. */
void ring_drain(struct ring *ring);

#endif
