/*
 * Takes from this process everything but reading the descriptors it is given,
 * memory, and the socket it has: no file by name, no network, no process, no
 * executable memory, no privileges to gain. For good.
 *
 * Everything that a library loads on first use must have been used before.
 */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdint.h>

/*
 * 0, or a negative errno with fail_text() naming the step. A kernel without
 * Landlock is no failure: seccomp alone refuses the same calls. `mapped` bytes
 * of address space are taken already, and not counted against its memory.
 */
int sandbox_enter(uint64_t mapped);

/* Closes every descriptor from `first` on. */
int sandbox_close_from(unsigned first);

#endif
